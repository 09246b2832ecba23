"""Alerts about what was held, beside those about what is filed, over a real MongoDB."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.schedule_monitor.domain.held.comparison import Tolerances
from services.schedule_monitor.loops import judge_of
from shared.clock import Clock
from tests.schedule_monitor.builders import (
    TUESDAY,
    a_calendar_body,
    a_class,
    a_filing,
    a_held_item,
    a_licensed_state,
)

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("licensed_city")]

SATURDAY = "2026-03-07"
LATER = datetime(2026, 3, 31, 4, tzinfo=UTC)


@pytest.fixture
def kernel(kernel):
    return replace(kernel, clock=Clock(LATER - datetime.now(UTC)))


@pytest.fixture
def tell(client, own, judged):
    async def work(*items):
        answer = await client.post("/v1/held-sessions", json={"sessions": list(items)}, headers=own)
        assert {one["status"] for one in answer.json()["results"]} <= {"accepted", "duplicate"}
        await judged()

    return work


@pytest.fixture
def file(client, own, judged):
    async def work(*classes, version=1):
        filing = a_filing(*classes, version=version)
        answer = await client.post("/v1/timetables", json=filing, headers=own)
        assert answer.status_code == 201, answer.text
        await judged()

    return work


@pytest.fixture
def standing(db):
    """Return the alerts that stand, by rule: level, and the figures of each finding."""

    async def work():
        found = db["alerts"].find({"state": {"$ne": "superseded"}})
        return {
            alert["rule"]["code"].removeprefix("schedule."): [
                {
                    name: finding["figures"][name]
                    for name in ("sessions", "held")
                    if name in finding["figures"]
                }
                for finding in alert["findings"]
            ]
            async for alert in found
        }

    return work


async def test_an_unfiled_session_is_found_until_it_is_filed(tell, file, standing, db):
    await tell(a_held_item())
    assert await standing() == {"held_unfiled": [{"held": 1}]}

    await file(a_class())

    assert await standing() == {}
    [alert] = await db["alerts"].find().to_list()
    assert alert["state"] == "superseded"
    assert [(it["department"], it["role"]) for it in alert["deliveries"]] == [
        ("education", "lead"),
        ("xiashi", "inform"),
    ]


async def test_planned_and_held_breaches_of_one_rule_are_one_alert(tell, file, standing):
    late = {"start": "19:40:00", "end": "20:40:00"}
    await file(a_class(**late))
    assert await standing() == {"offline_end": [{"sessions": 1}]}

    # The planned class is held: its breach is not counted again, that it was held is.
    await tell(a_held_item(**late))
    assert await standing() == {"offline_end": [{"sessions": 1}], "held_unlawful": [{"held": 1}]}

    # Another one, filed lawfully, ran late.
    await file(a_class(**late), a_class("2026-03-05", start="19:30:00", end="20:30:00"), version=2)
    await tell(
        a_held_item("2026-03-05", reference="L2", start="19:30:00", end="20:30:01"),
    )
    found = await standing()
    assert sorted(found["offline_end"], key=str) == [{"held": 1}, {"sessions": 1}]


async def test_a_correction_takes_back_what_was_found(tell, file, standing):
    await file(a_class())
    await tell(a_held_item(end="19:00:00"))
    assert await standing() == {"held_overran": [{"held": 1}]}

    await tell(a_held_item(version=2))

    assert await standing() == {}


async def test_a_withdrawn_session_was_not_held(tell, standing):
    await tell(a_held_item())
    await tell(a_held_item(version=2, withdrawn=True))

    assert await standing() == {}


async def test_taking_a_class_out_afterwards_hides_nothing(tell, file, standing):
    await file(a_class(SATURDAY))
    await tell(a_held_item(SATURDAY))
    assert set(await standing()) == {"rest_day", "held_unlawful"}

    await file(version=2)

    # The plan is gone, what happened is not: the class was held on a rest day, as it was filed.
    assert await standing() == {"held_unlawful": [{"held": 1}], "rest_day": [{"held": 1}]}


async def test_a_school_year_judges_what_was_held_again(tell, client, education, judged, standing):
    await tell(a_held_item())
    body = a_calendar_body()
    body["breaks"].append({"kind": "adhoc", "first_day": TUESDAY, "last_day": TUESDAY})
    await client.put("/v1/school-calendars/2025-2026", json=body, headers=education)
    await judged()

    assert set(await standing()) == {"other_break", "held_unfiled"}


async def test_a_named_class_of_another_month_is_taken_from_its_rival(tell, file, standing):
    await file(a_class("2026-03-30"))
    rival = a_held_item("2026-03-30")
    await tell(rival)
    assert await standing() == {}

    named = a_held_item(
        "2026-02-27", reference="L0", planned_on="2026-03-30", planned_start="18:00:00"
    )
    await tell(named)

    # The one that names the class has it, and the other is left without.
    found = await standing()
    assert found["held_unfiled"] == [{"held": 1}]
    assert found["held_moved"] == [{"held": 1}]


async def test_other_tolerances_judge_everybody_again(tell, file, standing, kernel):
    await file(a_class())
    await tell(a_held_item(start="18:05:00", end="18:35:00"))
    assert await standing() == {}

    strict = judge_of(kernel, tolerances=Tolerances(((date(2026, 1, 1), LATER - LATER),)))
    await strict.begin()
    while await strict.judge_one(now=LATER):
        pass

    assert set(await standing()) == {"held_moved"}


class TestUnapprovedSites:
    @pytest.fixture
    def facts(self, db):
        async def work():
            rows = db["outbox"].find({"key": {"$regex": "unapproved-site"}}).sort("version")
            return [json.loads(row["body"])["data"] async for row in rows]

        return work

    async def test_are_told_once_and_taken_back(self, tell, facts, institutions, judged):
        await tell(a_held_item(site="s9"), a_held_item(reference="L2", site="s9"))
        [told] = await facts()
        assert (told["version"], told["month"]) == (1, "2026-03")
        assert [(one["reason"], one["site_id"], one["sessions"]) for one in told["places"]] == [
            ("site_unknown", "s9", 2)
        ]

        await tell(a_held_item(reference="L3"))
        assert len(await facts()) == 1

        opened = {"site_id": "s9", "address": "文苑南路9号", "town": "xiashi"}
        await institutions.take(a_licensed_state(2, sites=[opened]))
        await judged()
        assert [one["places"] for one in await facts()][1:] == [[]]

    async def test_a_site_that_closed_later_was_open(self, tell, facts, institutions, judged):
        await institutions.take(a_licensed_state(2, sites=[]), told_on=date(2026, 3, 10))
        await judged()

        await tell(a_held_item(site="s1"), a_held_item("2026-03-11", reference="L2", site="s1"))

        [told] = await facts()
        assert [(one["first_on"], one["sessions"]) for one in told["places"]] == [("2026-03-11", 1)]
