"""Alerts follow from the record: filings, school years, the register, the city's decisions."""

import pytest

from services.schedule_monitor.app.calendars.load_notice import begin_calendar
from services.schedule_monitor.desks import calendar_office
from shared.working_days import Notice
from tests.schedule_monitor.builders import (
    INSTITUTION,
    a_calendar_body,
    a_class,
    a_filing,
    a_notice_body,
    a_state,
    on,
)

pytestmark = pytest.mark.integration

SATURDAY = "2026-03-07"
SUPPLIED = {2027: Notice(frozenset({on("2027-02-09")}), frozenset())}


@pytest.fixture
async def school_year(client, education):
    await client.put("/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education)


@pytest.fixture
def file(client, own, judged, registered):
    async def work(*classes, **more):
        body = a_filing(*classes, institution_id=registered, **more)
        answer = await client.post("/v1/timetables", json=body, headers=own)
        assert answer.status_code == 201, answer.text
        assert await judged() == 1

    return work


async def standing(db):
    rows = await db["alerts"].find({"state": {"$ne": "superseded"}}).sort("key", 1).to_list()
    return [(row["rule"]["code"], row["window"], row["level"]) for row in rows]


async def told(db):
    """Return who was told what of the alerts, in order."""
    rows = await db["outbox"].find().sort("_id", 1).to_list()
    return [row["subject"] for row in rows]


async def roles(db):
    [row] = await db["alerts"].find().to_list()
    return {one["department"]: one["role"] for one in row["deliveries"]}


@pytest.mark.usefixtures("school_year")
class TestFiling:
    async def test_raises_one_alert_for_each_rule_and_month(self, file, db):
        await file(
            a_class(SATURDAY),
            a_class("2026-03-14"),
            a_class("2026-04-11", start="20:00:00", end="20:30:01"),
        )

        assert await standing(db) == [
            ("schedule.offline_end", "2026-04", "yellow"),
            ("schedule.rest_day", "2026-03", "red"),
            ("schedule.rest_day", "2026-04", "red"),
        ]
        row = await db["alerts"].find_one({"window": "2026-03"})
        assert (row["about"]["kind"], row["about"]["id"]) == ("institution", INSTITUTION)
        assert row["findings"][0]["events"] == [
            "2026-03-07 18:00:00-18:30:00 三年级1班",
            "2026-03-14 18:00:00-18:30:00 三年级1班",
        ]
        assert "alerts.v1.education.red.schedule_monitor" in await told(db)

    async def test_raises_nothing_for_what_is_lawful_or_cannot_be_said(self, file, db):
        await file(a_class(), a_class("2026-09-02"))

        assert await standing(db) == []

    async def test_supersedes_what_a_later_version_no_longer_plans(self, file, db):
        await file(a_class(SATURDAY), a_class("2026-03-03", end="20:31:00"))
        await file(a_class("2026-03-03", end="20:31:00"), version=2)

        assert await standing(db) == [("schedule.offline_end", "2026-03", "yellow")]
        gone = await db["alerts"].find_one({"state": "superseded"})
        assert gone["rule"]["code"] == "schedule.rest_day"
        assert gone["causes"][0].startswith("timetable:")

    async def test_supersedes_everything_when_nothing_is_held_any_more(self, file, db):
        await file(a_class(SATURDAY))
        await file(version=2)

        assert await standing(db) == []

    async def test_says_nothing_again_of_the_same_classes_in_a_later_version(self, file, db):
        await file(a_class(SATURDAY))
        before = await told(db)
        await file(a_class(SATURDAY), a_class(), version=2)

        assert await told(db) == before

    @pytest.mark.parametrize(
        ("planned", "expected"),
        [
            pytest.param(
                a_class(SATURDAY), {"education": "lead", "xiashi": "inform"}, id="offline"
            ),
            pytest.param(
                a_class(SATURDAY, mode="online"),
                {"education": "lead", "economy_it": "assist", "xiashi": "inform"},
                id="a day online",
            ),
            pytest.param(
                a_class(mode="online", end="18:31:00"),
                {"education": "lead", "economy_it": "assist", "xiashi": "inform"},
                id="a length online",
            ),
        ],
    )
    async def test_has_the_online_office_assist_with_online_classes(
        self, file, db, planned, expected
    ):
        await file(planned)

        assert await roles(db) == expected


class TestSchoolYear:
    async def test_raises_alerts_for_what_was_filed_before_it(
        self, file, db, client, education, judged
    ):
        await file(a_class("2026-02-05"))
        assert await standing(db) == []

        await client.put(
            "/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education
        )
        await judged()

        assert await standing(db) == [("schedule.long_break", "2026-02", "red")]

    @pytest.mark.usefixtures("school_year")
    async def test_supersedes_alerts_when_a_break_is_corrected(
        self, file, db, client, education, judged
    ):
        await file(a_class("2026-02-05"))
        await client.put(
            "/v1/school-calendars/2025-2026", json=a_calendar_body(breaks=[]), headers=education
        )
        await judged()

        assert await standing(db) == []

    async def test_leaves_institutions_of_other_stages_alone(self, file, client, education, judged):
        await file(a_class())
        body = a_calendar_body(stage="senior_secondary")
        await client.put("/v1/school-calendars/2025-2026", json=body, headers=education)

        assert await judged() == 0


@pytest.mark.usefixtures("school_year")
class TestRegistration:
    async def test_reroutes_to_the_department_in_charge_now(self, file, db, institutions, judged):
        await file(a_class(end="20:31:00", kind="sports"))
        await institutions.take(
            a_state(2, kind="sports", competent_department="culture_tourism_sports")
        )
        await judged()

        assert await roles(db) == {"culture_tourism_sports": "lead", "xiashi": "inform"}

    async def test_judges_by_the_kind_registered_now(self, file, db, institutions, judged):
        await file(a_class(SATURDAY, kind=None))
        assert [code for code, *_ in await standing(db)] == ["schedule.rest_day"]

        await institutions.take(
            a_state(2, kind="sports", competent_department="culture_tourism_sports")
        )
        await judged()

        assert await standing(db) == []


class TestBegin:
    """What changed while nobody served: a file with notices, a database without a name."""

    @pytest.fixture
    async def filed(self, file, kernel, client, education):
        body = a_calendar_body(
            first_day="2026-09-01", last_day="2027-08-31", breaks=[], basis="2026学年校历"
        )
        await client.put("/v1/school-calendars/2026-2027", json=body, headers=education)
        await begin_calendar({}, office=calendar_office(kernel))
        await file(a_class("2027-02-09"), a_class("2026-09-20"))

    @pytest.mark.usefixtures("filed")
    async def test_judges_nobody_when_nothing_has_changed(self, kernel, judged):
        await begin_calendar({}, office=calendar_office(kernel))

        assert await judged() == 0

    @pytest.mark.usefixtures("filed")
    async def test_judges_everybody_by_a_file_with_a_new_notice_once(self, kernel, db, judged):
        for times in (1, 0):
            await begin_calendar(SUPPLIED, office=calendar_office(kernel))
            assert await judged() == times

        assert await standing(db) == [("schedule.rest_day", "2027-02", "red")]

    @pytest.mark.usefixtures("filed")
    async def test_leaves_what_the_department_loaded_before_the_file(
        self, kernel, client, education, judged
    ):
        url = "/v1/calendar/notices/2027"
        await client.put(url, json=a_notice_body(), headers=education)
        assert await judged() == 1

        await begin_calendar(SUPPLIED, office=calendar_office(kernel))

        assert await judged() == 0
        found = (await client.get(url, headers=education)).json()
        assert (found["version"], found["source"]) == (1, "education")

    @pytest.mark.usefixtures("filed")
    async def test_judges_everybody_where_an_operator_deleted_the_basis(self, kernel, db, judged):
        await db["basis"].delete_one({})

        await begin_calendar({}, office=calendar_office(kernel))

        assert await judged() == 1

    async def test_tells_every_year_that_is_known_once(self, kernel, db):
        for _ in range(2):
            await begin_calendar({}, office=calendar_office(kernel))

        told = await db["outbox"].find({"stream": "SCHEDULE_STATE"}).to_list()
        subjects = sorted(row["subject"] for row in told)
        assert subjects == [f"state.schedule.calendar-year.v1.{year}" for year in range(2021, 2027)]


class TestKeepingTheCalendar:
    """Whoever has classes is judged by what is decided, at once."""

    @pytest.fixture
    async def filed(self, file, client, education):
        body = a_calendar_body(
            first_day="2026-09-01", last_day="2027-08-31", breaks=[], basis="2026学年校历"
        )
        await client.put("/v1/school-calendars/2026-2027", json=body, headers=education)
        await file(a_class("2027-02-09"), a_class("2026-09-20"), a_class("2026-09-22"))

    @pytest.mark.usefixtures("filed")
    async def test_by_a_notice(self, client, education, db, judged):
        before = await standing(db)

        await client.put("/v1/calendar/notices/2027", json=a_notice_body(), headers=education)

        assert await judged() == 1
        assert (before, await standing(db)) == ([], [("schedule.rest_day", "2027-02", "red")])

    @pytest.mark.usefixtures("filed")
    async def test_by_a_switch(self, client, education, db, judged):
        body = {"value": "rest_day", "reference": "海教〔2026〕1号", "reason": "统一口径"}
        url = "/v1/calendar/switches/adjusted_workdays/2026-09-01"

        await client.put(url, json=body, headers=education)

        assert await judged() == 1
        assert await standing(db) == [("schedule.adjusted_workday", "2026-09", "yellow")]

    @pytest.mark.usefixtures("filed")
    async def test_by_an_override_that_can_be_taken_back(self, client, education, db, judged):
        async def decide(change):
            body = {"date": "2026-09-22", "change": change, "reference": "文", "reason": "防台风"}
            answer = await client.post(
                "/v1/calendar/overrides", json={"overrides": [body]}, headers=education
            )
            assert answer.status_code == 200, answer.text
            assert await judged() == 1
            return await standing(db)

        assert await decide("rest_day") == [("schedule.rest_day", "2026-09", "red")]
        assert await decide("as_announced") == []

    @pytest.mark.usefixtures("filed")
    async def test_by_a_closure(self, client, education, db, judged):
        body = {
            "stages": ["compulsory"],
            "first_day": "2026-09-22",
            "last_day": "2026-09-23",
            "reason": "台风“梅花”",
        }
        url = "/v1/school-calendars/2026-2027/closures"

        await client.post(url, json=body, headers=education)

        assert await judged() == 1
        assert await standing(db) == [("schedule.other_break", "2026-09", "yellow")]


@pytest.mark.usefixtures("school_year")
class TestTowns:
    async def test_are_informed_where_the_sites_lie(self, file, db, institutions, judged):
        sites = [
            {"site_id": "s1", "address": "文苑路8号", "town": "xiashi"},
            {"site_id": "s2", "address": "许村镇人民大道1号", "town": "xucun"},
        ]
        await institutions.take(a_state(2, sites=sites))
        await judged()

        await file(a_class(SATURDAY, site="s2"))
        assert await roles(db) == {"education": "lead", "xucun": "inform"}

        # One more on the registered town's ground, and one that tells no site.
        await file(a_class(SATURDAY, site="s2"), a_class("2026-03-14", site="s1"), version=2)
        assert await roles(db) == {"education": "lead", "xiashi": "inform", "xucun": "inform"}

        await file(a_class(SATURDAY), version=3)
        assert await roles(db) == {"education": "lead", "xiashi": "inform"}
