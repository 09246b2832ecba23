"""The register's state over a real bus."""

from datetime import UTC, datetime

import pytest

from services.schedule_monitor.events.subscribers import institution_router
from services.schedule_monitor.store.institutions import InstitutionReplica
from shared.contracts.registry import INSTITUTION_STATE, InstitutionState
from shared.dead_letters import DeadLetters
from shared.messaging.subscribe import broker_of
from tests.schedule_monitor.builders import INSTITUTION, a_state
from tests.support.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture
async def listening(bus, db):
    router = institution_router(InstitutionReplica(db), DeadLetters(db))
    broker = broker_of(
        [router],
        url=bus.url,
        user="schedule_monitor",
        seed_file=bus.seed_file("schedule_monitor"),
    )
    async with broker:
        await broker.start()
        yield


@pytest.fixture
async def announce(bus):
    client = await bus.connect("registry")

    async def work(version, **changes):
        fields = a_state(version, **changes)
        state = InstitutionState(institution_id=fields.pop("_id"), **fields)
        envelope = INSTITUTION_STATE.envelope(
            state, id=f"state-{version}", subject=INSTITUTION, time=datetime.now(UTC)
        )
        await client.jetstream().publish(
            INSTITUTION_STATE.subject_for(institution=INSTITUTION),
            envelope.model_dump_json(exclude_none=True).encode(),
        )

    yield work
    await client.close()


@pytest.mark.usefixtures("listening")
class TestOnInstitutionState:
    async def test_takes_what_the_register_says_and_marks_the_institution(self, announce, db):
        await announce(1)

        async def known():
            return await InstitutionReplica(db).find(INSTITUTION) is not None

        await until(known)
        [mark] = await db["to_judge"].find().to_list()
        assert (mark["id"], mark["causes"]) == (INSTITUTION, [f"registry:{INSTITUTION}:v1"])

    async def test_never_goes_back_to_an_older_version(self, announce, db):
        async def called(name):
            found = await InstitutionReplica(db).find(INSTITUTION)
            return found is not None and found.name == name

        await announce(3, name="新名称")
        # The stream keeps the last state only: one not yet read would be gone.
        await until(lambda: called("新名称"))
        await announce(2, name="旧名称")
        await announce(4, name="更新名称")

        await until(lambda: called("更新名称"))
        marks = await db["to_judge"].find().sort("_id").to_list()
        causes = [cause for mark in marks for cause in mark["causes"]]
        assert causes == [f"registry:{INSTITUTION}:v{version}" for version in (3, 4)]
