"""schedule_monitor is killed around each step of taking and judging what was held.

Each batch is about an institution of its own: what a killed judge had in hand comes back after its
lease, and nothing else waits for that.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from signal import SIGKILL

import httpx
import pytest
from nats.js import JetStreamContext

from deploy.local.issuer import Issuer
from deploy.local.ports import Ports
from services.schedule_monitor.store.institutions import InstitutionReplica
from shared.marks import MarkStore
from shared.mongo import Database, connect
from tests.deploy.demo.test_journey import free_port_base
from tests.schedule_monitor.builders import a_held_item, a_licensed_state
from tests.support.dooming import Doomed, doomed, environments
from tests.support.streams import ids_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

NOW = datetime(2026, 3, 31, 10, tzinfo=UTC)
SERVICE = "schedule_monitor"
POINTS = [
    (step, when)
    for step in ("tell", "judge-held", "judge-classes", "lease", "publish", "mark")
    for when in ("before", "after")
]


@dataclass
class City:
    """The service that is killed, and the doors and stores to look at it."""

    service: Doomed
    db: Database
    operator: JetStreamContext
    client: httpx.AsyncClient
    bearer: Callable[..., dict[str, str]]
    door: str

    async def tell(self, number: int) -> list[str]:
        """Tell of three sessions of an institution, again and again until it is answered."""
        institution = f"inst-{number}"
        await InstitutionReplica(self.db).take(
            a_licensed_state() | {"_id": institution}, told_on=date(2026, 1, 1)
        )
        items = [
            a_held_item(
                f"2026-03-0{day}", reference=f"L{day}", institution_id=institution, site="s9"
            )
            for day in (3, 4, 5)
        ]
        headers = self.bearer(role="institution", institution=institution)

        def send() -> Awaitable[httpx.Response]:
            return self.client.post(self.door, json={"sessions": items}, headers=headers)

        async with asyncio.timeout(150):
            while True:
                try:
                    answer = await send()
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                if answer.status_code < 500:
                    return [one["status"] for one in answer.json()["results"]]
                await asyncio.sleep(0.1)


@pytest.fixture
async def city(mongo, bus, tmp_path: Path) -> AsyncIterator[City]:
    base = free_port_base()
    offset = int((NOW - datetime.now(UTC)).total_seconds())
    told, keys = environments(tmp_path, bus=bus, mongo=mongo, port_base=base, offset_seconds=offset)
    issuer, client = (
        Issuer(keys.issuer_key),
        connect(mongo.url, username=None, password=None, database="admin"),
    )
    async with AsyncExitStack() as stack:
        operator = await bus.connect("operator")
        stack.push_async_callback(operator.close)
        yield City(
            service=await stack.enter_async_context(
                doomed(SERVICE, environment=told[SERVICE], folder=tmp_path)
            ),
            db=client[SERVICE],
            operator=operator.jetstream(),
            client=await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=20)),
            bearer=lambda **who: {"Authorization": f"Bearer {issuer.token(**who)}"},
            door=f"http://127.0.0.1:{Ports(base).of(SERVICE)}/v1/held-sessions",
        )
    await client.drop_database(SERVICE)
    await client.close()


async def settled(db: Database) -> None:
    async with asyncio.timeout(150):
        while True:
            waiting = await MarkStore(db).waiting()
            waiting += await db["outbox"].count_documents({"sent_at": None})
            if waiting == 0:
                return
            await asyncio.sleep(0.2)


async def test_a_kill_at_any_point_loses_and_doubles_nothing(city):
    ended, answers = [], []
    for number, (step, when) in enumerate(POINTS):
        await city.service.begin("both", point=step, when=when)
        answers.append(asyncio.ensure_future(city.tell(number)))
        ended.append(await city.service.ended())
    await city.service.begin("both")
    told = await asyncio.gather(*answers)
    await settled(city.db)

    assert ended == [-SIGKILL] * len(POINTS)
    # A batch whose answer was lost is a duplicate when it is sent again.
    assert {status for one in told for status in one} <= {"accepted", "duplicate"}
    sessions = 3 * len(POINTS)
    for collection in ("held_sessions", "held_versions"):
        assert await city.db[collection].count_documents({}) == sessions
    alerts = await city.db["alerts"].find().to_list()
    assert Counter(alert["about"]["id"] for alert in alerts) == Counter(
        f"inst-{number}" for number in range(len(POINTS))
    )
    assert {alert["findings"][0]["figures"]["held"] for alert in alerts} == {3}
    assert {alert["version"] for alert in alerts} == {1}
    for fact, count in (
        ("schedule.session-held.", sessions),
        ("schedule.unapproved-", len(POINTS)),
    ):
        ids = Counter(await ids_of(city.operator, "SCHEDULE", fact=fact))
        assert set(ids.values()) == {1}
        assert len(ids) == count
    rows = city.db["outbox"].find({"key": {"$regex": "^session-held"}})
    heads = Counter([json.loads(row["body"])["data"]["session_id"] async for row in rows])
    assert set(heads.values()) == {1}
