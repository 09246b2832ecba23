"""What others hear of held sessions over a real bus: fund_monitor lessons, registry sites."""

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from standardwebhooks import Webhook

from services.fund_monitor.events.subscribers import session_router
from services.fund_monitor.store.lessons.lessons import LessonStore
from services.registry.desks import site_desk
from services.registry.events.subscribers import unapproved_site_router
from services.registry.store.indexes import INDEXES as OF_REGISTRY
from shared.clock import Clock
from shared.dead_letters import DeadLetters
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.messaging.subscribe import broker_of
from shared.mongo import ensure_indexes
from shared.outbox import Relay
from tests.schedule_monitor.builders import INSTITUTION, a_held_item, a_licensed_state
from tests.support.audit import audit_log
from tests.support.databases import empty_database
from tests.support.fund import an_institution, fund_monitor
from tests.support.waiting import until

pytestmark = pytest.mark.integration

LATER = datetime(2026, 3, 31, 4, tzinfo=UTC)


@pytest.fixture
def kernel(kernel):
    return replace(kernel, clock=Clock(LATER - datetime.now(UTC)))


@pytest.fixture
async def relayed(db, bus):
    """Return what brings out all that waits in schedule_monitor's outbox."""
    connection = await bus.connect("schedule_monitor")
    relay = Relay(db, connection.jetstream())

    async def work():
        while await relay.relay_once():
            pass

    yield work
    await connection.close()


@pytest.fixture
async def send(client, bearer, institutions):
    await institutions.take(a_licensed_state(), told_on=date(2026, 1, 1))
    made = {"code": "cloud", "name": "云课堂"}
    economy_it = bearer(role="staff", department="economy_it")
    answer = await client.post("/v1/platforms", json=made, headers=economy_it)
    key = answer.json()["secret"]

    async def work(*items):
        body, now = json.dumps({"sessions": list(items)}), datetime.now(UTC)
        name = f"msg-{time.monotonic_ns()}"
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(key).sign(name, now, body),
        }
        answer = await client.post("/v1/platforms/cloud/sessions", content=body, headers=headers)
        return [one["status"] for one in answer.json()["results"]]

    return work


@pytest.fixture
async def fund(mongo, bus, access, token):
    async with (
        empty_database(mongo.url, purpose="fund of held sessions") as database,
        fund_monitor(database, bus, access, token) as running,
    ):
        router = session_router(LessonStore(database), DeadLetters(database))
        seed = bus.seed_file("fund_monitor")
        async with broker_of([router], url=bus.url, user="fund_monitor", seed_file=seed) as broker:
            await broker.start()
            yield running


async def test_a_platforms_batch_becomes_lessons_of_contracts(send, relayed, fund, bearer):
    await fund.institutions.take(an_institution() | {"_id": INSTITUTION})
    place = f"/v1/institutions/{INSTITUTION}/lesson-matches"
    head = bearer(role="staff", department="pboc")

    async def lessons():
        page = (await fund.client.get(place, headers=head)).json()
        return {one["contract_no"]: one["consumed_lessons"] for one in page["contracts"]}

    first = a_held_item(attended=["HT-1", "HT-2"])
    second = a_held_item("2026-03-05", reference="L2", attended=["HT-1"])
    bad = a_held_item(reference="L3", end="17:00:00", attended=["HT-9"])
    assert await send(first, second, bad, first) == [
        "accepted",
        "accepted",
        "refused",
        "duplicate",
    ]
    await relayed()

    async def counted():
        return await lessons() == {"HT-1": "2.00", "HT-2": "1.00"}

    await until(counted)

    await send(first | {"version": 2, "attended": ["HT-2", "HT-3"]})
    await send(second | {"version": 2, "withdrawn": True})
    await send(first)
    await relayed()

    async def corrected():
        return {no: one for no, one in (await lessons()).items() if one != "0.00"} == {
            "HT-2": "1.00",
            "HT-3": "1.00",
        }

    await until(corrected)


@pytest.fixture
async def register(mongo, bus, access):
    """Return registry's database, while it listens."""
    async with empty_database(mongo.url, purpose="register of held sessions") as database:
        await ensure_indexes(database, {**KERNEL_INDEXES, **OF_REGISTRY})
        kernel = Kernel(
            service="registry",
            db=database,
            verifier=access,
            clock=Clock(LATER - datetime.now(UTC)),
            audit=audit_log(database),
        )
        router = unapproved_site_router(site_desk(kernel), kernel.clock.now, DeadLetters(database))
        seed = bus.seed_file("registry")
        async with broker_of([router], url=bus.url, user="registry", seed_file=seed) as broker:
            await broker.start()
            yield database


async def test_a_session_at_an_unknown_site_is_an_alert_of_the_register(
    send, relayed, register, judged, institutions
):
    assert await send(a_held_item(mode="offline", site="s9")) == ["accepted"]
    await judged()
    await relayed()

    async def state():
        found = await register["alerts"].find_one()
        return None if found is None else found["state"]

    async def raised():
        return await state() == "raised"

    await until(raised)
    alert = await register["alerts"].find_one()
    assert (alert["rule"]["code"], alert["window"], alert["level"]) == (
        "registry.unapproved_site",
        "2026-03",
        "red",
    )

    opened = {"site_id": "s9", "address": "文苑南路9号", "town": "xiashi"}
    await institutions.take(a_licensed_state(2, sites=[opened]), told_on=date(2026, 3, 20))
    await judged()
    await relayed()

    async def superseded():
        return await state() == "superseded"

    await until(superseded)
