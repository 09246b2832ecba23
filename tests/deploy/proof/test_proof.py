"""The proof on real servers: it holds on a sound day, and names each thing that is taken away."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from nats.js import JetStreamContext
from rich.console import Console

from deploy.proof.check import MOST_LISTED, Named
from deploy.proof.day import CityDay
from deploy.proof.places import Places
from deploy.proof.proof import Proof, prove
from deploy.proof.report import show
from deploy.proof.streams import StreamReader
from services.registry.app.announcements import of_registration
from services.registry.store.institutions import InstitutionStore
from shared.audit.log import Entry
from shared.city_time import city_date
from shared.clock import machine_now
from shared.contracts.registry import INSTITUTION_STATE
from shared.messaging import intake
from shared.messaging.permissions import SERVICES
from shared.mongo import Database, ensure_indexes
from shared.outbox import OUTBOX_INDEXES, Relay
from tests.registry.builders import an_institution
from tests.support.audit import audit_log
from tests.support.databases import empty_database
from tests.support.fund import FundMonitor, fund_monitor, money, opened
from tests.support.streams import forget_ids, let_messages_be_deleted

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


@dataclass(frozen=True)
class City:
    """A day's work of two services, all of it settled, and everything to look at it."""

    databases: dict[str, Database]
    operator: JetStreamContext
    places: Places
    relay: Callable[[str], Awaitable[None]]

    @property
    def fund(self) -> Database:
        return self.databases["fund_monitor"]

    @property
    def registry(self) -> Database:
        return self.databases["registry"]

    async def prove(self, *, days_ago: int = 0) -> Proof:
        today = city_date(machine_now())
        return await prove(self.places, CityDay(today - timedelta(days=days_ago)))


def gaps_of(proof: Proof) -> dict[str, list[str]]:
    return {check.name: check.gaps.first for check in proof.checks if check.gaps.count}


def checked(proof: Proof) -> dict[str, int]:
    return {check.name: check.checked for check in proof.checks if check.checked}


@pytest.fixture
async def databases(mongo) -> AsyncIterator[dict[str, Database]]:
    async with AsyncExitStack() as opened:
        yield {
            service: await opened.enter_async_context(
                empty_database(mongo.url, purpose=f"proof of {service}")
            )
            for service in SERVICES
        }


@pytest.fixture
def city(databases, bus, access, token, tmp_path, monkeypatch):
    """Return how a city is made: its day settled, and one stream open to deletion where asked."""
    # A message that nobody can read is set aside at once.
    monkeypatch.setattr(intake, "CONTENT_FAILURES_ALLOWED", 1)

    @asynccontextmanager
    async def make(*, deletable: str | None = None) -> AsyncIterator[City]:
        client = await bus.connect("operator")
        operator = client.jetstream()
        if deletable:
            await let_messages_be_deleted(operator, deletable)
        relays = {name: await bus.connect(name) for name in SERVICES}

        async def relay(service: str) -> None:
            while await Relay(databases[service], relays[service].jetstream()).relay_once():
                pass

        places = Places(streams=StreamReader(client), databases=databases, scratch=tmp_path)
        await ensure_indexes(databases["registry"], OUTBOX_INDEXES)
        institution = an_institution(uscc="91330481MA2B00000A")
        register = databases["registry"]
        await InstitutionStore(register, audit_log(register)).add(
            institution,
            events=of_registration(institution),
            entry=Entry(action="x", about_kind="institution", about_id="x"),
            now=machine_now(),
        )
        await relay("registry")
        async with fund_monitor(databases["fund_monitor"], bus, access, token) as fund:
            await a_days_work(fund, operator)
        for reader in ("fund_monitor", "schedule_monitor"):
            await take_the_state(reader, databases[reader], operator)
        await relay("fund_monitor")
        try:
            yield City(databases, operator, places, relay)
        finally:
            for connection in (client, *relays.values()):
                await connection.close()

    return make


async def a_days_work(fund: FundMonitor, operator: JetStreamContext) -> None:
    """Send what is posted, refused, in conflict, repeated and unreadable."""
    await fund.add_bank("alpha")
    first = [opened(), money("deposit", "d1"), money("deposit", "bad", 0)]
    await fund.accepted(first)
    await fund.settled()
    await fund.accepted([money("deposit", "d1", 2_000), money("deposit", "d2")])
    await operator.publish("bank.intake.v1.3", b"no batch", headers={"Nats-Msg-Id": "nobody"})
    await fund.settled()


async def take_the_state(service: str, db: Database, operator: JetStreamContext) -> None:
    """Bring the register's state to a reader, as that service's subscriber does."""
    durable = f"{service.replace('_', '-')}-institution-state"
    reader = await operator.pull_subscribe_bind(durable=durable, stream=INSTITUTION_STATE.stream)
    [message] = await reader.fetch(1, timeout=5)
    data = json.loads(message.data)["data"]
    await db["institutions"].insert_one({"_id": data["institution_id"], **data})
    await message.ack_sync()
    await reader.unsubscribe()


class TestASoundDay:
    async def test_has_no_gap(self, city):
        async with city() as sound:
            proof = await sound.prove()

            assert gaps_of(proof) == {}
            assert proof.pending == 0
            counts = checked(proof)
            # Three from the bank's door by partition and one that nobody can read.
            assert counts["intake"] == 3
            # Opening, two deposits, one refused, one conflict.
            assert counts["intake-reverse"] == 5
            assert counts["outbox-registry"] == 2
            assert counts["state-registry.institutions"] == 1
            assert counts["replica-fund_monitor.institutions"] == 1
            assert counts["replica-schedule_monitor.institutions"] == 1
            alerts = await sound.fund["outbox"].count_documents({})
            assert counts["outbox-fund_monitor"] == counts["stream-ALERTS"] == alerts > 0

    async def test_is_not_another_day(self, city):
        async with city() as sound:
            proof = await sound.prove(days_ago=1)

            assert gaps_of(proof) == {}
            assert proof.day_is_over
            assert set(checked(proof)) == {
                "sequences",
                "state-registry.institutions",
                "replica-fund_monitor.institutions",
                "replica-schedule_monitor.institutions",
            }

    async def test_may_have_events_that_the_store_set_aside(self, city):
        async with city() as sound:
            row = await sound.fund["events"].find_one_and_delete({"serial_no": "d2"})
            await sound.fund["unstorable"].insert_one(row)

            assert gaps_of(await sound.prove()) == {}

    async def test_names_what_is_on_its_way_without_calling_it_lost(self, city):
        async with city() as sound:
            [sequence] = {
                sequence
                for sequence in (1, 2, 3)
                if b'"d2"' in ((await sound.operator.get_msg("BANK_INTAKE", sequence)).data or b"")
            }
            waiting = await sound.operator.get_msg("BANK_INTAKE", sequence)
            body = (waiting.data or b"").replace(b'"d2"', b'"d3"')
            await sound.operator.publish(waiting.subject, body, headers={"Nats-Msg-Id": "later"})
            await sound.registry["institutions"].update_many({}, {"$inc": {"version": 1}})
            subject = INSTITUTION_STATE.subject_for(institution=an_institution().institution_id)
            unsent = {"_id": "unsent", "stream": "REGISTRY_STATE", "subject": subject, "key": "k"}
            await sound.registry["outbox"].insert_one({**unsent, "version": 2, "sent_at": None})

            proof = await sound.prove()

            assert gaps_of(proof) == {}
            pending = {check.name for check in proof.checks if check.pending.count}
            assert pending == {"intake", "outbox-registry", "state-registry.institutions"}

    async def test_may_have_rows_that_were_sent_again_after_the_duplicate_window(self, city):
        async with city() as sound:
            await forget_ids(sound.operator, "ALERTS")
            rows = sound.fund["outbox"]
            row = await rows.find_one({"stream_sequence": 1})
            # As a relay leaves it that died between the acknowledgement and the mark.
            await rows.update_one({"_id": row["_id"]}, {"$set": {"sent_at": None}})
            await sound.relay("fund_monitor")

            proof = await sound.prove()

            assert gaps_of(proof) == {}
            [repeated] = [check.repeats for check in proof.checks if check.repeats.count]
            # The witness of the stream's forgetting, and the row.
            assert repeated.count == 2
            assert row["_id"] in "".join(repeated.first)


INTAKE, RELAYED, SENT = "intake", "stream-ALERTS", "outbox-fund_monitor"
STATE, REPLICA = "state-registry.institutions", "replica-fund_monitor.institutions"

# Whose, which collection, which document, where it is missed and in which words.
LOSSES = [
    ("fund_monitor", "events", {"serial_no": "d2"}, INTAKE, "event:alpha|A1|d2#"),
    ("fund_monitor", "events", {"serial_no": "open-A1"}, INTAKE, "event:alpha|A1|open-A1#"),
    ("fund_monitor", "conflicts", {}, INTAKE, "event:alpha|A1|d1#"),
    ("fund_monitor", "refused", {}, INTAKE, "refused:alpha#"),
    ("fund_monitor", "dead_letters", {}, INTAKE, "无法读取，且不在死信中"),
    ("fund_monitor", "outbox", {"stream_sequence": 1}, RELAYED, "ALERTS 第 1 条：没有发件箱记录"),
    ("registry", "institutions", {}, STATE, "REGISTRY_STATE 第 1 条：数据库中没有"),
    ("fund_monitor", "institutions", {}, REPLICA, "应为第 1 版，数据库中为第 0 版"),
]
# The same, with what is written over a document instead of deleting it.
CHANGES = [
    ("outbox", {"stream_sequence": 1}, {"stream_sequence": 9_999}, SENT, "流中已没有这条消息"),
    ("outbox", {"stream_sequence": 1}, {"stream_sequence": 2}, SENT, "第 2 条：应为"),
    ("outbox", {"stream_sequence": 1}, {"stream_sequence": None}, SENT, "没有记下它在流中的序号"),
    ("outbox", {"stream_sequence": 1}, {"body": "{}"}, SENT, "内容与发件箱不同"),
    ("outbox", {"stream_sequence": 1}, {"body": "{}"}, RELAYED, "内容与发件箱不同"),
    ("events", {"serial_no": "d2"}, {"digest": "other"}, INTAKE, "event:alpha|A1|d2#"),
    ("events", {"serial_no": "d2"}, {"digest": "other"}, "intake-reverse", "alpha|A1|d2#other"),
]


class TestAGap:
    async def test_is_named_whatever_the_store_has_lost(self, city):
        async with city() as robbed:
            for service, collection, which, check, words in LOSSES:
                rows = robbed.databases[service][collection]
                row = await rows.find_one_and_delete(which)

                gaps = gaps_of(await robbed.prove())

                assert set(gaps) == {check}, (collection, which)
                [line] = gaps[check]
                assert words in line
                await rows.insert_one(row)
            assert gaps_of(await robbed.prove()) == {}

    async def test_is_named_whatever_the_store_has_otherwise(self, city):
        async with city() as changed:
            for collection, which, change, check, words in CHANGES:
                rows = changed.fund[collection]
                row = await rows.find_one(which)
                await rows.update_one({"_id": row["_id"]}, {"$set": change})

                gaps = gaps_of(await changed.prove())

                assert words in "".join(gaps.get(check, ())), (change, gaps)
                await rows.replace_one({"_id": row["_id"]}, row)
            assert gaps_of(await changed.prove()) == {}

    async def test_is_an_event_that_no_message_brought(self, city):
        async with city() as forged:
            row = await forged.fund["events"].find_one({"serial_no": "d2"})
            await forged.fund["events"].insert_one({**row, "_id": "alpha|A1|forged"})

            gaps = gaps_of(await forged.prove())

            assert set(gaps) == {"intake-reverse"}
            assert "event:alpha|A1|forged#" in gaps["intake-reverse"][0]

    async def test_is_a_state_that_was_never_announced(self, city):
        async with city() as changed:
            await changed.registry["institutions"].update_many({}, {"$set": {"version": 3}})

            [line] = gaps_of(await changed.prove())[STATE]

            assert "数据库中为第 3 版，流中为第 1 版" in line

    @pytest.mark.parametrize("place", ["first", "last"])
    async def test_is_a_message_deleted_from_the_intake(self, city, place):
        async with city(deletable="BANK_INTAKE") as robbed:
            sequence = {"first": 1, "last": 2}[place]
            await robbed.operator.delete_msg("BANK_INTAKE", sequence)

            gaps = gaps_of(await robbed.prove())

            assert set(gaps) == {"intake-reverse", "sequences"}
            assert "没有带来" in gaps["intake-reverse"][0]
            assert "BANK_INTAKE" in gaps["sequences"][0]

    async def test_is_a_message_deleted_from_a_stream_of_the_relay(self, city):
        async with city(deletable="ALERTS") as robbed:
            await robbed.operator.delete_msg("ALERTS", 2)

            gaps = gaps_of(await robbed.prove())

            assert set(gaps) == {"outbox-fund_monitor", "sequences"}
            assert gaps["sequences"] == ["ALERTS 第 2 条：已被删除"]


class TestTheReport:
    async def test_lists_every_gap_and_says_so(self, city, tmp_path: Path):
        async with city() as robbed:
            row = await robbed.fund["outbox"].find_one_and_delete({"stream_sequence": 1})
            proof = await robbed.prove()
        file = tmp_path / "report.txt"

        with file.open("w") as lines:
            show(Console(file=lines, width=200), proof)

        text = file.read_text()
        assert f"缺口｜流 ALERTS → 发件箱｜ALERTS 第 1 条：没有发件箱记录（{row['_id']}）" in text
        assert "✗ 共 1 处缺口" in text
        assert proof.as_json()["gaps"] == 1

    def test_counts_what_it_does_not_list(self):
        named = Named()
        for number in range(MOST_LISTED + 5):
            named.add(str(number))

        assert named.count == MOST_LISTED + 5
        assert len(named.first) == MOST_LISTED
