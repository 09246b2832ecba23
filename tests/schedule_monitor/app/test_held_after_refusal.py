"""Classes that a check had answered as unlawful and that were held nevertheless, over MongoDB."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from services.schedule_monitor.application import application
from shared.clock import Clock
from shared.telemetry.sight import Sight
from tests.schedule_monitor.builders import (
    INSTITUTION,
    TUESDAY,
    a_calendar_body,
    a_class,
    a_filing,
    a_held_item,
)

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("licensed_city")]

SATURDAY = "2026-03-07"
EARLIER = datetime(2026, 3, 2, 4, tzinfo=UTC)
LATER = datetime(2026, 3, 31, 4, tzinfo=UTC)


@pytest.fixture
def kernel(kernel):
    return replace(kernel, clock=Clock(LATER - datetime.now(UTC)))


@pytest.fixture
def check(kernel, own):
    """Ask about classes at a moment, the second of March by default; return the receipt."""

    async def work(*classes, headers=own, at=EARLIER, **more):
        asked = application(replace(kernel, clock=Clock(at - datetime.now(UTC)), sight=Sight()))
        body = {"sessions": list(classes), "institution_id": INSTITUTION, **more}
        transport = httpx.ASGITransport(asked)
        async with httpx.AsyncClient(transport=transport, base_url="http://schedule") as then:
            answer = await then.post("/v1/timetables/check", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["receipt"]

    return work


@pytest.fixture
def tell(client, own, judged):
    async def work(*items):
        answer = await client.post("/v1/held-sessions", json={"sessions": list(items)}, headers=own)
        assert {one["status"] for one in answer.json()["results"]} == {"accepted"}
        await judged()

    return work


@pytest.fixture
def standing(db):
    async def work():
        found = db["alerts"].find({"state": {"$ne": "superseded"}})
        return {row["rule"]["code"].removeprefix("schedule."): row async for row in found}

    return work


class TestIsFound:
    async def test_by_the_receipt_that_refused_it_first(self, check, tell, standing):
        first = await check(a_class(SATURDAY))
        await check(a_class(SATURDAY), a_class())

        await tell(a_held_item(SATURDAY))

        found = await standing()
        assert set(found) == {"rest_day", "held_unfiled", "held_after_refusal"}
        alert = found["held_after_refusal"]
        assert alert["level"] == "red"
        assert first in alert["message"]
        assert {it["department"]: it["role"] for it in alert["deliveries"]} == {
            "education": "lead",
            "xiashi": "inform",
        }

    async def test_whoever_asked_for_the_institution(self, check, tell, standing, education):
        await check(a_class(SATURDAY), headers=education)
        await tell(a_held_item(SATURDAY))

        assert "held_after_refusal" in await standing()

    async def test_by_its_course_under_another_group(self, check, tell, standing):
        await check(a_class(SATURDAY, course="SX3A"))
        await tell(a_held_item(SATURDAY, class_group="周末班", course="SX3A"))

        assert "held_after_refusal" in await standing()

    async def test_until_it_is_withdrawn(self, check, tell, standing):
        await check(a_class(SATURDAY))
        await tell(a_held_item(SATURDAY))
        await tell(a_held_item(SATURDAY, version=2, withdrawn=True))

        assert await standing() == {}

    async def test_until_a_correction_makes_it_lawful(
        self, check, tell, standing, client, education, judged
    ):
        body = a_calendar_body()
        closed = {"kind": "adhoc", "first_day": TUESDAY, "last_day": TUESDAY}
        year = "/v1/school-calendars/2025-2026"
        await client.put(
            year, json={**body, "breaks": [*body["breaks"], closed]}, headers=education
        )
        await check(a_class())
        await tell(a_held_item())
        assert "held_after_refusal" in await standing()

        await client.put(year, json=body, headers=education)
        await judged()

        assert set(await standing()) == {"held_unfiled"}


class TestIsNotFound:
    async def test_where_the_class_was_mended(self, check, tell, standing):
        await check(a_class(start="20:05:00", end="20:35:00"))
        await tell(a_held_item(start="20:00:00", end="20:30:00"))

        assert set(await standing()) == {"held_unfiled"}

    async def test_where_another_rule_is_broken(self, check, tell, standing):
        await check(a_class(end="20:31:00"))
        await tell(a_held_item(SATURDAY))

        assert set(await standing()) == {"rest_day", "held_unfiled"}

    async def test_where_somebody_asked_afterwards(self, check, tell, standing):
        await check(a_class(SATURDAY), at=LATER)
        await tell(a_held_item(SATURDAY))

        assert set(await standing()) == {"rest_day", "held_unfiled"}

    async def test_twice_where_it_was_filed_so(self, check, tell, standing, client, own, judged):
        await check(a_class(SATURDAY))
        filed = await client.post("/v1/timetables", json=a_filing(a_class(SATURDAY)), headers=own)
        assert filed.status_code == 201
        await judged()
        await tell(a_held_item(SATURDAY))

        assert set(await standing()) == {"rest_day", "held_unlawful"}

    async def test_of_another_institutions_check(self, check, tell, standing, education):
        await check(a_class(SATURDAY), institution_id=None, headers=education)
        await tell(a_held_item(SATURDAY))

        assert "held_after_refusal" not in await standing()


async def test_the_same_refusal_again_is_kept_once(check, db):
    for _ in range(3):
        await check(a_class(SATURDAY), a_class())

    assert await db["refused_classes"].count_documents({}) == 1
    assert await db["receipts"].count_documents({}) == 3
