"""Proposals of patrols over a real MongoDB: versions, towns, the sheet, and results beside them."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest

from services.schedule_monitor.app.patrols.patrol_timers import PatrolTimers
from services.schedule_monitor.app.patrols.take_visit import take_visit
from services.schedule_monitor.desks import patrol_desk, visit_desk
from services.schedule_monitor.domain.patrols.visit import (
    Seen,
    Visit,
    VisitToldOtherwise,
    VisitUnfit,
)
from shared.duties.departments import TOWNS
from shared.timers import Timer
from tests.schedule_monitor.builders import (
    INSTITUTION,
    TUESDAY,
    a_calendar_body,
    a_class,
    a_filing,
    a_held_item,
    a_licensed_state,
)
from tests.schedule_monitor.conftest import NOW

pytestmark = pytest.mark.integration

PATROLS = "/v1/patrol-proposals"
MONDAY = "2026-03-02"


@pytest.fixture
def xiashi(bearer):
    return bearer(role="staff", town="xiashi")


@pytest.fixture
async def filed(institutions, client, own, education):
    """File a class of Tuesday that ends too late, and one of Wednesday that does not."""
    await institutions.take(a_licensed_state(), told_on=date(2026, 1, 1))
    calendar = a_calendar_body()
    await client.put("/v1/school-calendars/2025-2026", json=calendar, headers=education)
    late = a_class(start="19:30:00", end="20:31:00", site="s1")
    filing = a_filing(late, a_class("2026-03-04", site="s1"))
    answer = await client.post("/v1/timetables", json=filing, headers=own)
    assert answer.status_code == 201


@pytest.fixture
def ask(client, xiashi):
    async def work(day=TUESDAY, headers=None, **which):
        answer = await client.get(f"{PATROLS}/{day}", params=which, headers=headers or xiashi)
        assert answer.status_code == 200, answer.text
        [patrol] = answer.json()["patrols"]
        return patrol

    return work


@pytest.fixture
def visit(kernel):
    async def work(version=1, *, now=NOW, **more):
        told = Visit(
            **{
                "visit_id": "v1",
                "version": version,
                "institution_id": INSTITUTION,
                "visited_by": "xiashi",
                "visited_at": NOW - timedelta(hours=3),
                "outcome": "open",
                "site": "s1",
                **more,
            }
        )
        return await take_visit(told, desk=visit_desk(kernel), now=now)

    return work


def seen(reference="1", start=(10, 0), end=(10, 30), day=1, **more):
    told = {
        "reference": reference,
        "started_at": datetime(2026, 3, day, *start, tzinfo=UTC),
        "ended_at": datetime(2026, 3, day, *end, tzinfo=UTC),
        "class_group": "三年级1班",
        "stage": "compulsory",
        "head_count": 9,
    }
    return Seen(**(told | more))


@pytest.mark.usefixtures("filed")
class TestGetPatrolProposals:
    async def test_says_where_to_go_when_and_why(self, ask):
        patrol = await ask()

        [place] = patrol["places"]
        assert (patrol["town_name"], patrol["version"]) == ("硖石街道", 1)
        assert (place["institution"], place["address"]) == (
            "青禾培训中心",
            "海宁市硖石街道文苑路8号",
        )
        assert (place["opens"], place["closes"], place["score"]) == ("20:01:00", "20:46:00", 25)
        [reason] = place["reasons"]
        assert (reason["kind"], reason["points"]) == ("filed_unlawful", 25)
        assert reason["article"].startswith("海宁市“双减”实施方案 任务21")

    async def test_what_was_reported_is_a_reason_once_it_is_told(self, ask, client, xiashi):
        before = await ask()
        report = {
            "practice": "homework",
            "source": "tip",
            "institution_id": INSTITUTION,
            "first_on": "2026-03-01",
            "seen": "课后打卡",
        }
        answer = await client.post("/v1/practice-reports", json=report, headers=xiashi)
        assert answer.status_code == 201, answer.text

        after = await ask()

        assert (before["version"], after["version"]) == (1, 2)
        [place] = after["places"]
        assert (place["score"], [one["kind"] for one in place["reasons"]]) == (
            40,
            ["filed_unlawful", "reported"],
        )
        assert place["reasons"][1]["kind_name"] == "有培训行为的反映"

    async def test_is_the_same_version_until_the_record_says_otherwise(self, ask, client, own, db):
        first, again = await ask(), await ask()
        assert first == again

        filing = a_filing(a_class(site="s1"), version=2)
        await client.post("/v1/timetables", json=filing, headers=own)
        changed = await ask()

        assert (changed["version"], changed["places"]) == (2, [])
        told = db["outbox"].find({"subject": "schedule.patrol-proposed.v1.xiashi"})
        assert [one["version"] for one in await told.to_list()] == [1, 2]
        assert (await ask(version=1))["places"] == first["places"]
        done = await db["audit"].find({"action": "patrol.proposed"}).to_list()
        assert [one["details"]["version"] for one in done] == [1, 2]

    async def test_asked_at_once_is_one_version(self, ask, db):
        found = await asyncio.gather(*(ask() for _ in range(8)))

        assert {one["version"] for one in found} == {1}
        assert await db["patrol_proposals"].count_documents({}) == 1

    async def test_told_sessions_and_the_register_change_it(
        self, ask, client, own, judged, institutions
    ):
        unfiled = a_held_item("2026-03-01", site="s1", start="09:00:00", end="10:00:00")
        await client.post("/v1/held-sessions", json={"sessions": [unfiled]}, headers=own)
        await judged()

        [place] = (await ask())["places"]

        # Held without a filing on a Sunday of the winter break: each counts where it was held.
        rules = {one["rule"] for one in place["reasons"] if one["kind"] == "held_before"}
        assert rules == {"schedule.held_unfiled", "schedule.rest_day", "schedule.long_break"}
        moved = {**a_licensed_state()["sites"][0], "town": "haizhou"}
        await institutions.take(a_licensed_state(2, sites=[moved]), told_on=date(2026, 3, 2))
        assert (await ask())["places"] == []

    async def test_towns_see_their_own_ground_and_departments_all(
        self, client, education, bearer, own
    ):
        other = bearer(role="staff", town="haizhou")
        place = f"{PATROLS}/{TUESDAY}"

        all_of_it = (await client.get(place, headers=education)).json()["patrols"]
        assert [one["town"] for one in all_of_it] == [town.code for town in TOWNS]
        theirs = (await client.get(place, headers=other)).json()["patrols"]
        assert [(one["town"], one["places"]) for one in theirs] == [("haizhou", [])]
        answer = await client.get(place, params={"town": "xiashi"}, headers=other)
        assert answer.status_code == 403
        assert (await client.get(place, headers=own)).status_code == 403

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("2026-03-10", 422),
            ("2026-3-9", 422),
            ("2026-03-01", 404),
            (f"{TUESDAY}?town=nowhere", 422),
            (f"{TUESDAY}?version=9&town=xiashi", 404),
            (f"{TUESDAY}?version=1", 422),
            (f"{TUESDAY}?version=0&town=xiashi", 422),
        ],
    )
    async def test_what_cannot_be_asked_is_a_problem(self, client, education, path, status):
        answer = await client.get(f"{PATROLS}/{path}", headers=education)

        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_past_day_keeps_what_was_proposed_last(self, ask, kernel, client, own):
        before = await ask()
        filing = a_filing(version=2)
        await client.post("/v1/timetables", json=filing, headers=own)
        # The application has its clock: three days go by on it.
        object.__setattr__(kernel.clock, "offset", kernel.clock.offset + timedelta(days=3))

        assert (await ask())["places"] == before["places"]


@pytest.mark.usefixtures("filed")
class TestSheet:
    async def test_is_one_sheet_with_room_for_results(self, client, xiashi):
        answer = await client.get(f"{PATROLS}/{TUESDAY}/export.xlsx", headers=xiashi)

        book = openpyxl.load_workbook(BytesIO(answer.content))
        [page] = book.worksheets
        header, *rows = page.iter_rows(values_only=True)
        assert header[:4] == ("编号", "镇（街道）", "机构", "地点")
        [row] = rows
        assert row[:7] == (
            "xiashi-1-1",
            "硖石街道",
            "青禾培训中心",
            "登记的教学点",
            "海宁市硖石街道文苑路8号",
            "20:01至20:46",
            25,
        )
        assert row[7] is None
        assert row[8].startswith("1. [+25] 20:01至20:46 当日备案1节：线下培训结束过晚")
        assert "任务21" in row[8]
        assert row[9:] == (None,) * 5
        assert (page.page_setup.orientation, page.print_title_rows) == ("landscape", "$1:$1")
        assert "第1版" in page.oddFooter.left.text
        assert page.oddHeader.center.text.endswith("2026-03-03（星期二）")

    async def test_says_so_when_nothing_is_proposed(self, client, bearer):
        other = bearer(role="staff", town="haizhou")

        answer = await client.get(f"{PATROLS}/{TUESDAY}/export.xlsx", headers=other)

        page = openpyxl.load_workbook(BytesIO(answer.content)).active
        assert page["A2"].value == "没有建议巡查的地点。"


@pytest.mark.usefixtures("filed")
class TestResults:
    async def test_stand_beside_the_proposal_of_their_day(self, ask, visit, client, xiashi):
        await ask(MONDAY)

        await visit(seen=(seen(),))

        patrol = await ask(MONDAY)
        assert patrol["places"] == []
        [shown] = patrol["other_visits"]
        assert (shown["outcome_name"], shown["seen"][0]["head_count"]) == ("已进入", 9)
        [session] = shown["held_session_ids"]
        compared = (await client.get(f"/v1/held-sessions/{session}", headers=xiashi)).json()
        assert compared["source"] == "visit"
        assert [one["rule"] for one in compared["differences"]] == ["schedule.held_unfiled"]

    async def test_what_was_seen_is_no_lesson_of_a_contract(self, visit, db):
        await visit(seen=(seen(),))

        assert await db["outbox"].count_documents({"subject": {"$regex": "session-held"}}) == 0

    async def test_a_visit_that_found_nothing_lowers_the_next(self, ask, visit):
        assert (await ask())["places"][0]["score"] == 25

        await visit()

        [place] = (await ask())["places"]
        assert place["score"] == 5
        assert place["reasons"][-1]["kind"] == "visited_lately"

    async def test_what_is_confirmed_is_an_alert_until_it_is_taken_back(
        self, ask, visit, judged, db
    ):
        await visit(confirmed=("schedule.online_end", "registry.unapproved_site"))
        await judged()

        alert = await db["alerts"].find_one({"rule.code": "schedule.online_end"})
        assert (alert["state"], alert["window"], alert["level"]) == (
            "raised",
            "2026-03",
            "yellow",
        )
        assert [one["figures"] for one in alert["findings"]] == [{"visits": 1}]
        assert await db["alerts"].count_documents({"rule.code": "registry.unapproved_site"}) == 0
        kinds = [one["kind"] for one in (await ask())["places"][0]["reasons"]]
        assert kinds == ["confirmed", "confirmed", "filed_unlawful"]

        await visit(2, withdrawn=True)
        await judged()

        alert = await db["alerts"].find_one({"rule.code": "schedule.online_end"})
        assert alert["state"] == "superseded"
        assert (await ask())["places"][0]["score"] == 25

    @pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1), (3, 2, 1), (1, 1, 3, 3)])
    async def test_any_order_ends_the_same(self, visit, db, order):
        told = {
            1: {"seen": (seen("1"), seen("2", (11, 0), (11, 30)))},
            2: {"seen": (seen("1"),), "confirmed": ("schedule.online_end",)},
            3: {"seen": (seen("1", head_count=7),), "outcome": "open"},
        }

        for version in order:
            await visit(version, **told[version])

        row = await db["visits"].find_one()
        standing = await db["held_sessions"].find({"withdrawn": False}).to_list()
        assert (row["version"], row["confirmed"]) == (3, [])
        assert [(one["reference"], one["head_count"]) for one in standing] == [("v1:1", 7)]

    async def test_a_repeat_is_nothing_and_another_story_of_a_version_is_refused(self, visit, db):
        assert await visit()
        assert not await visit()
        with pytest.raises(VisitToldOtherwise):
            await visit(outcome="closed")

        assert await db["audit"].count_documents({"action": "visit.taken"}) == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"visited_at": NOW + timedelta(minutes=6)},
            {"visited_by": "nobody"},
            {"seen": (seen(end=(15, 59), start=(16, 0)),)},
            {"seen": (seen(start=(15, 59), end=(16, 1)),)},
            {"seen": (seen(day=2, start=(3, 50), end=(4, 6)),)},
        ],
    )
    async def test_what_cannot_have_been_seen_is_refused_whole(self, visit, db, wrong):
        with pytest.raises(VisitUnfit):
            await visit(**wrong)

        assert await db["visits"].count_documents({}) == 0
        assert await db["held_sessions"].count_documents({}) == 0

    async def test_a_visit_does_not_change_whose_it_is(self, visit):
        await visit()

        with pytest.raises(VisitUnfit):
            await visit(2, visited_by="haizhou")


@pytest.mark.usefixtures("filed")
class TestTimers:
    async def test_every_evening_each_town_is_told_of_the_coming_days(self, kernel, db):
        timers = PatrolTimers(patrol_desk(kernel))
        await timers.begin()
        [due] = await db["timers"].distinct("due_at")
        assert due == datetime(2026, 3, 2, 9, tzinfo=UTC)

        timer = Timer(name="patrol/xiashi", kind="patrol", due_at=NOW, payload={"town": "xiashi"})
        await timers.on_timer(timer)
        await timers.on_timer(timer)

        told = await db["patrol_proposals"].find().sort("day").to_list()
        assert [(one["day"], one["version"]) for one in told] == [
            (f"2026-03-0{day}", 1) for day in (3, 4, 5)
        ]
        assert await db["outbox"].count_documents({"subject": {"$regex": "patrol"}}) == 3
