"""``./run audit verify``: four chains on real servers, each held against what the others keep."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from deploy.local import audit as audits
from deploy.local.audit import MOST_SHOWN, Report, anchors_on_bus, verify
from deploy.local.problem import StackProblem
from shared.audit.anchors import HeadKeeper
from shared.audit.chain import hash_of
from shared.audit.verify import Difference
from shared.clock import machine_now
from shared.contracts.audit import AUDIT_CHANNELS, AuditHeadSealed
from shared.ids import new_id
from shared.kernel import KERNEL_INDEXES
from shared.messaging.permissions import OPERATOR, SERVICES
from shared.messaging.topology import chains_kept_by
from shared.mongo import Database, ensure_indexes
from tests.shared.audit.builders import an_entry, seal, write
from tests.support.audit import audit_log
from tests.support.databases import empty_database

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

Stores = dict[str, Database]


@pytest.fixture
async def stores(mongo) -> AsyncIterator[Stores]:
    """The databases of four services, each with a chain."""
    async with AsyncExitStack() as opened:
        found: Stores = {}
        for service in SERVICES:
            db = await opened.enter_async_context(
                empty_database(mongo.url, purpose=f"audit of {service}")
            )
            await ensure_indexes(db, KERNEL_INDEXES)
            await write(db, *(an_entry(number) for number in range(3)))
            await seal(db, service=service)
            found[service] = db
        yield found


@pytest.fixture
async def js(bus):
    client = await bus.connect("operator")
    yield client.jetstream()
    await client.close()


@pytest.fixture
async def anchored(stores, js):
    """The heads of all chains, on the bus and in the chains of two others each."""
    for service in SERVICES:
        channel = AUDIT_CHANNELS[service]
        head = await stores[service]["audit_head"].find_one({})
        assert head is not None
        told = AuditHeadSealed(
            service=service,
            sequence=head["sequence"],
            hash=head["hash"],
            read_at=machine_now(),
        )
        event = channel.envelope(told, id=new_id(), subject=service, time=machine_now())
        subject = channel.subject_for(service=service)
        await js.publish(subject, event.model_dump_json().encode(), stream=channel.stream)
        for keeper in SERVICES:
            if service in chains_kept_by(keeper):
                db = stores[keeper]
                await HeadKeeper(db, audit_log(db)).keep(event, chain=service)
    for service in SERVICES:
        await seal(stores[service], service=service)


@pytest.fixture
def check(stores, bus, anchored):  # noqa: ARG001 - there are anchors to check against
    async def check() -> Report:
        on_bus = await anchors_on_bus(bus.url, seed=bus.seed_file(OPERATOR), services=SERVICES)
        return await verify(stores, services=SERVICES, on_bus=on_bus)

    return check


async def wrong(check) -> set[tuple[str, int | None, str]]:
    return {(one.service, one.sequence, one.what) for one in (await check()).differences}


async def rewrite(db: Database, *, sequence: int, **fields: object) -> None:
    """Change a row and make the whole tail and the head fit again."""
    await db["audit"].update_one({"sequence": sequence}, {"$set": fields})
    previous = None
    for row in await db["audit"].find({"sequence": {"$gte": sequence}}).sort("sequence").to_list():
        body = {**row, "previous": previous or row["previous"]}
        previous = body["hash"] = hash_of(body)
        await db["audit"].replace_one({"_id": row["_id"]}, body)
    await db["audit_head"].update_one({}, {"$set": {"hash": previous}})


class TestVerify:
    async def test_finds_nothing_in_chains_that_are_whole(self, check):
        report = await check()

        assert [(one.sealed, one.anchors) for one in report.verdicts] == [(5, 3)] * 4
        assert list(report.lines()) == [
            *(f"{service}：已封存 5 行，待封存 0 行，锚点 3 个" for service in SERVICES),
            "全部相符",
        ]

    async def test_walks_only_the_chain_it_is_asked_for(self, stores, check):
        await stores["ads_watch"]["audit"].delete_one({"sequence": 1})

        report = await verify(stores, services=["registry"], on_bus=())

        assert [one.service for one in report.verdicts] == ["registry"]
        assert report.differences == ()
        assert (await check()).differences != ()

    async def test_finds_a_tail_hashed_anew_by_three_who_kept_its_head(self, stores, check):
        await rewrite(stores["registry"], sequence=2, action="other")

        assert await wrong(check) == {
            ("registry", 3, f"与{holder}所存锚点不符")
            for holder in ("schedule_monitor", "fund_monitor", "流 REGISTRY")
        }

    async def test_finds_a_tail_that_was_cut_off_with_its_head(self, stores, check):
        db = stores["registry"]
        await db["audit"].delete_many({"sequence": {"$gte": 3}})
        [last] = await db["audit"].find({"sequence": 2}).to_list()
        await db["audit_head"].update_one({}, {"$set": {"sequence": 2, "hash": last["hash"]}})

        assert await wrong(check) == {
            ("registry", 3, f"{holder}存有此行的锚点，链上没有此行")
            for holder in ("schedule_monitor", "fund_monitor", "流 REGISTRY")
        }

    @pytest.mark.parametrize("change", [{"details.hash": "sha-256:00"}, {"details.sequence": 2}])
    async def test_finds_an_anchor_that_was_edited_in_both_chains(self, stores, check, change):
        kept = {"about.kind": "audit_chain", "about.id": "registry"}
        await stores["fund_monitor"]["audit"].update_one(kept, {"$set": change})

        found = await wrong(check)

        [row] = await stores["fund_monitor"]["audit"].find(kept).to_list()
        assert found == {
            ("fund_monitor", row["sequence"], "内容与其摘要不符"),
            ("registry", row["details"]["sequence"], "与fund_monitor所存锚点不符"),
        }

    async def test_finds_an_anchor_that_was_edited_with_all_that_follows_it(self, stores, check):
        db = stores["fund_monitor"]
        [row] = await db["audit"].find({"about.id": "registry"}).to_list()
        await rewrite(db, sequence=row["sequence"], **{"details.hash": "sha-256:00"})

        assert ("registry", 3, "与fund_monitor所存锚点不符") in await wrong(check)

    async def test_tells_each_difference_in_a_line_and_not_without_end(self):
        many = [Difference(service="registry", sequence=n, what="x") for n in range(MOST_SHOWN + 5)]

        lines = list(Report(verdicts=(), beside=tuple(many)).lines())

        assert lines[0] == "✗ registry 第 0 行：x"
        assert lines[-1] == "另有 5 处不符，未列出"
        assert len(lines) == MOST_SHOWN + 1


async def test_a_store_that_is_away_is_one_line():
    with pytest.raises(StackProblem, match="读不了数据库"):
        await audits.verify_elsewhere(
            "mongodb://127.0.0.1:1/?replicaSet=rs0", services=["registry"]
        )


async def test_a_store_elsewhere_is_read_by_its_address(mongo, database):
    db = database.client["schedule_monitor"]
    await write(db, an_entry(1), an_entry(2))
    await seal(db, service="schedule_monitor")

    report = await audits.verify_elsewhere(mongo.url, services=["schedule_monitor"])
    await database.client.drop_database(db.name)

    assert [(one.sealed, one.differences) for one in report.verdicts] == [(2, ())]
