"""Results of visits over a real bus, and the proposals that the others hear."""

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.schedule_monitor.desks import visit_desk
from services.schedule_monitor.events.subscribers import visit_router
from shared.clock import Clock
from shared.contracts.patrol import PATROL_PROPOSED, PatrolProposed
from shared.contracts.visits import VISIT_RESULT, VisitResult
from shared.dead_letters import DeadLetters, Letter
from shared.messaging.subscribe import broker_of
from shared.messaging.topology import VISIT_RESULT_READER
from shared.outbox import Relay
from tests.schedule_monitor.builders import (
    INSTITUTION,
    TUESDAY,
    a_calendar_body,
    a_class,
    a_filing,
    a_licensed_state,
)
from tests.support.waiting import until

pytestmark = pytest.mark.integration

LATER = datetime(2026, 3, 3, 14, tzinfo=UTC)


@pytest.fixture
def kernel(kernel):
    """Return a service late on the day of the visit."""
    return replace(kernel, clock=Clock(LATER - datetime.now(UTC)))


@pytest.fixture
def letters(db):
    return DeadLetters(db)


@pytest.fixture
async def listening(bus, kernel, letters):
    router = visit_router(visit_desk(kernel), kernel.clock.now, letters)
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
async def registry(bus):
    client = await bus.connect("registry")
    yield client.jetstream()
    await client.close()


@pytest.fixture
def tell(registry):
    """Tell a result as whoever keeps the visit plan does, as registry's own user on the bus."""

    async def work(version=1, *, raw=None, **more):
        told = VisitResult.model_validate(a_result(version, **more))
        envelope = VISIT_RESULT.envelope(
            told, id=f"visit-{time.monotonic_ns()}", subject=INSTITUTION, time=datetime.now(UTC)
        )
        body = json.loads(envelope.model_dump_json(exclude_none=True))
        body["data"] |= raw or {}
        await registry.publish(
            VISIT_RESULT.subject_for(institution=INSTITUTION), json.dumps(body).encode()
        )

    return work


def a_result(version=1, **more):
    return {
        "visit_id": "v1",
        "version": version,
        "institution_id": INSTITUTION,
        "visited_by": "xiashi",
        "visited_at": f"{TUESDAY}T20:30:00+08:00",
        "outcome": "open",
        "site_id": "s1",
        "proposal": {"day": TUESDAY, "version": 1},
        **more,
    }


SEEN = {
    "reference": "1",
    "started_at": f"{TUESDAY}T19:30:00+08:00",
    "ended_at": f"{TUESDAY}T20:45:00+08:00",
    # As whoever went there typed it: in full width, which is the same class.
    "class_group": "三年级１班",
    "stage": "compulsory",
    "head_count": 14,
}


@pytest.fixture
async def filed(institutions, client, own, education):
    await institutions.take(a_licensed_state(), told_on=date(2026, 1, 1))
    calendar = a_calendar_body()
    await client.put("/v1/school-calendars/2025-2026", json=calendar, headers=education)
    late = a_class(start="19:30:00", end="20:30:00", site="s1")
    again = a_class("2026-03-05", start="19:30:00", end="20:30:00", site="s1")
    answer = await client.post("/v1/timetables", json=a_filing(late, again), headers=own)
    assert answer.status_code == 201


@pytest.mark.usefixtures("filed", "listening")
class TestOnVisitResult:
    async def test_what_was_seen_is_compared_judged_and_counts_for_the_next_days(
        self, tell, db, client, bearer, judged
    ):
        xiashi = bearer(role="staff", town="xiashi")

        async def patrol(day):
            answer = await client.get(f"/v1/patrol-proposals/{day}", headers=xiashi)
            return answer.json()["patrols"][0]

        before = await patrol("2026-03-05")
        assert [one["kind"] for one in before["places"][0]["reasons"]] == ["near_limit"]

        await tell(seen=[SEEN], findings=[{"rule": "schedule.offline_end", "outcome": "confirmed"}])

        async def taken():
            return await db["visits"].count_documents({}) == 1

        await until(taken)
        await judged()
        after = await patrol("2026-03-05")
        assert after["version"] == 2
        reasons = {(one["kind"], one.get("rule")) for one in after["places"][0]["reasons"]}
        assert reasons == {
            ("confirmed", "schedule.offline_end"),
            ("held_before", "schedule.offline_end"),
            ("held_before", "schedule.held_overran"),
            ("near_limit", None),
        }
        [shown] = (await patrol(TUESDAY))["places"][0]["visits"]
        assert shown["confirmed"] == ["schedule.offline_end"]
        alert = await db["alerts"].find_one({"rule.code": "schedule.offline_end"})
        assert [set(one["figures"]) & {"held", "visits"} for one in alert["findings"]] == [
            {"held"},
            {"visits"},
        ]

    async def test_a_practice_that_was_confirmed_is_reported_corrected_and_withdrawn(
        self, tell, db, client, education, judged
    ):
        async def alerts():
            found = db["alerts"].find({"rule.code": "schedule.homework"})
            return [(one["window"], one["state"]) async for one in found.sort("_id", 1)]

        async def version(number):
            row = await db["visits"].find_one({"version": number})
            return row is not None

        homework = {"rule": "schedule.homework", "outcome": "confirmed"}
        await tell(findings=[homework])
        await until(lambda: version(1))
        await judged()
        page = (await client.get("/v1/practice-reports", headers=education)).json()
        [line] = page["reports"]
        assert (line["practice"], line["source"], line["state"]) == ("homework", "visit", "upheld")
        assert (line["reported_by"], line["first_on"]) == ("xiashi", TUESDAY)
        assert await alerts() == [("2026-03", "raised")]

        # The visit was on another day, and then found nothing of the sort.
        await tell(2, findings=[homework], visited_at="2026-02-26T20:30:00+08:00")
        await until(lambda: version(2))
        await judged()
        assert await alerts() == [("2026-03", "superseded"), ("2026-02", "raised")]
        await tell(3, findings=[{**homework, "outcome": "unfounded"}])
        await until(lambda: version(3))
        await judged()
        assert await alerts() == [("2026-03", "superseded"), ("2026-02", "superseded")]

        await tell(4, findings=[homework])
        await until(lambda: version(4))
        await judged()
        assert ("2026-03", "raised") in await alerts()
        path = f"/v1/practice-reports/{line['report_id']}"
        view = (await client.get(path, headers=education)).json()
        assert [step["did"] for step in view["steps"]] == [
            "reported",
            "reported",
            "withdrawn",
            "reported",
        ]

    async def test_a_bad_result_is_a_dead_letter_and_the_next_is_taken(self, tell, db):
        await tell(raw={"outcome": "demolished"})
        await tell(raw={"findings": [{"rule": "迟到", "outcome": "confirmed"}]})
        await tell(raw={"site_id": "s1", "address": "文苑路8号"})
        await tell(raw={"outcome": "closed", "seen": [SEEN]})
        await tell(2)

        async def set_aside():
            return await db["dead_letters"].count_documents({"state": "set_aside"}) == 4

        await until(set_aside)

        async def taken():
            row = await db["visits"].find_one()
            return row is not None and row["version"] == 2

        await until(taken)

    async def test_one_for_an_institution_not_yet_told_of_can_be_replayed(
        self, letters, institutions, db
    ):
        body = VISIT_RESULT.envelope(
            VisitResult.model_validate(a_result(institution_id="later")),
            id="visit-later",
            subject="later",
            time=datetime.now(UTC),
        )
        letter = Letter(
            durable=VISIT_RESULT_READER,
            stream="REGISTRY",
            sequence=1,
            subject="registry.visit-result.v1.later",
            body=body.model_dump_json(exclude_none=True).encode(),
        )
        handle = letters.handlers[VISIT_RESULT_READER]
        with pytest.raises(Exception, match="尚未收到编号为later的机构"):
            await handle(letter)

        await institutions.take(a_licensed_state() | {"_id": "later"})
        await handle(letter)
        await handle(letter)

        assert await db["visits"].count_documents({"institution_id": "later"}) == 1


@pytest.mark.usefixtures("filed")
async def test_what_is_proposed_is_heard_on_the_bus(client, bearer, db, bus):
    connection = await bus.connect("schedule_monitor")
    relay = Relay(db, connection.jetstream())
    xiashi = bearer(role="staff", town="xiashi")
    await client.get("/v1/patrol-proposals/2026-03-05", headers=xiashi)

    while await relay.relay_once():
        pass

    operator = await bus.connect("operator")
    message = await operator.jetstream().get_last_msg(
        "SCHEDULE", PATROL_PROPOSED.subject_for(town="xiashi")
    )
    told = PatrolProposed.model_validate(json.loads(message.data)["data"])
    assert (told.day, told.version) == (date(2026, 3, 5), 1)
    assert [(one.site_id, one.score) for one in told.visits] == [("s1", 8)]
    await connection.close()
    await operator.close()
