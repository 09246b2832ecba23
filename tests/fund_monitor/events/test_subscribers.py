"""Held sessions over a real bus: what schedule_monitor will tell, once it does."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from services.fund_monitor.domain.lessons.lessons import LESSON
from services.fund_monitor.events.subscribers import session_router
from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.lessons.lessons import LessonStore
from shared.contracts.schedule import SESSION_HELD, SessionHeld
from shared.dead_letters import DeadLetters
from shared.messaging.subscribe import broker_of
from shared.mongo import ensure_indexes
from tests.support.fund import an_institution

pytestmark = pytest.mark.integration

PATIENCE_SECONDS = 20.0
ENDED_AT = datetime(2026, 3, 2, 2, tzinfo=UTC)


async def until(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await condition():
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.02)


@pytest.fixture
async def listening(bus, database):
    await ensure_indexes(database, INDEXES)
    router = session_router(LessonStore(database), DeadLetters(database))
    broker = broker_of(
        [router], url=bus.url, user="fund_monitor", seed_file=bus.seed_file("fund_monitor")
    )
    async with broker:
        await broker.start()
        yield


@pytest.fixture
async def announce(bus):
    client = await bus.connect("schedule_monitor")

    async def work(version, *attended, session="s-1", message_id=None, **changes):
        told = {
            "session_id": session,
            "version": version,
            "institution_id": "inst-1",
            "group": "g-1",
            "started_at": ENDED_AT - timedelta(minutes=45),
            "ended_at": ENDED_AT,
            "head_count": 2,
            "attended": list(attended),
        }
        envelope = SESSION_HELD.envelope(
            SessionHeld.model_validate(told),
            id=f"{session}-{version}",
            subject=session,
            time=ENDED_AT,
        )
        body = envelope.model_dump(mode="json", exclude_none=True)
        body["data"] |= changes
        await client.jetstream().publish(
            SESSION_HELD.subject_for(session=session),
            json.dumps(body).encode(),
            stream=SESSION_HELD.stream,
            headers={"Nats-Msg-Id": message_id or f"{session}-{version}"},
        )

    yield work
    await client.close()


async def consumed(database) -> dict[str, int]:
    sums: dict[str, int] = {}
    async for row in database["consumption_entries"].find():
        sums[row["contract_no"]] = sums.get(row["contract_no"], 0) + row["lessons"]
    return {no: lessons for no, lessons in sums.items() if lessons}


@pytest.mark.usefixtures("listening")
class TestOnSessionHeld:
    async def test_a_higher_version_corrects_and_an_older_one_is_skipped(self, announce, database):
        await InstitutionReplica(database).take(an_institution())
        await announce(1, "C1", "C2")
        await announce(2, "C2", "C3", "C4")
        await announce(1, "C1", "C2", message_id="s-1-1-again")
        await announce(1, "C9", session="s-last")

        async def last_is_there():
            return await database["held_sessions"].find_one({"_id": "s-last"}) is not None

        await until(last_is_there)
        assert await consumed(database) == dict.fromkeys(("C2", "C3", "C4", "C9"), LESSON)
        held = await database["held_sessions"].find_one({"_id": "s-1"})
        assert (held["version"], held["over_full"]) == (2, True)
        marks = await database["to_judge"].find().sort("_id").to_list()
        assert [cause for mark in marks for cause in mark["causes"]] == [
            "registry:inst-1:v1",
            "session:s-1:v1",
            "session:s-1:v2",
            "session:s-last:v1",
        ]

    async def test_a_session_that_ends_before_it_starts_is_set_aside(self, announce, database):
        await announce(1, "C1", ended_at="2026-03-02T00:00:00Z")

        async def set_aside():
            return await database["dead_letters"].find_one({"state": "set_aside"}) is not None

        await until(set_aside)
        assert await database["consumption_entries"].count_documents({}) == 0
