"""A request that rests on a report of practice, or on what a visit confirmed."""

from datetime import timedelta

import pytest

from services.schedule_monitor.app.patrols.take_visit import take_visit
from services.schedule_monitor.desks import visit_desk
from services.schedule_monitor.domain.patrols.visit import Visit
from tests.schedule_monitor.builders import INSTITUTION
from tests.schedule_monitor.takedowns.conftest import MONDAY, URL

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

HOMEWORK = {
    "practice": "homework",
    "source": "filing",
    "institution_id": INSTITUTION,
    "first_on": "2026-03-01",
    "seen": "课后打卡",
}
PHOTO_SEARCH = {
    "practice": "photo_search",
    "source": "visit",
    "platform": "搜题酷",
    "kind": "subject",
    "first_on": "2026-03-01",
    "seen": "提供拍照搜题",
}
APP = {
    "recipient": {"operator": "搜题酷", "contact": "赵 13800000000"},
    "thing": {"kind": "app", "title": "搜题酷应用"},
}


async def reported(city, body, *, by="education"):
    answer = await city.ask("POST", "/v1/practice-reports", body, by=by)
    assert answer.status_code == 201, answer.text
    return answer.json()["report_id"]


async def drafted(city, reference, *, kind="report", by="economy_it", rule=None, **more):
    ground = {"kind": kind, "reference": reference, "says": "如反映所述。"}
    if rule is not None:
        ground["rule"] = rule
    return await city.ask("POST", URL, city.request(grounds=[ground], **more), by=by)


def wrong(answer):
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:haining:problem:ground-refused"
    [error] = answer.json()["errors"]
    return error["pointer"], error["detail"]


class TestReports:
    async def test_an_app_that_offers_photo_search_is_asked_to_take_it_down(self, city):
        report_id = await reported(city, PHOTO_SEARCH, by="economy_it")

        answer = await drafted(city, report_id, **APP)

        assert answer.status_code == 201, answer.text
        [ground] = answer.json()["grounds"]
        assert (ground["rule"], ground["title"]) == ("schedule.photo_search", "提供拍照搜题")
        assert "任务22" in ground["article"]

    async def test_a_tip_that_nobody_looked_into_is_no_ground_until_it_is_upheld(self, city):
        report_id = await reported(city, HOMEWORK | {"source": "tip"})

        assert "尚未认定" in wrong(await drafted(city, report_id))[1]
        decision = {"outcome": "upheld", "reason": "家长群截图属实"}
        path = f"/v1/practice-reports/{report_id}/decision"
        await city.ask("POST", path, decision, by="education")

        assert (await drafted(city, report_id)).status_code == 201

    async def test_what_was_withdrawn_or_is_about_another_is_none(self, city):
        report_id = await reported(city, PHOTO_SEARCH, by="economy_it")
        other = {"operator": "别家", "contact": "钱 13900000000"}

        pointer, detail = wrong(await drafted(city, report_id, **(APP | {"recipient": other})))
        assert (pointer, "无关" in detail) == ("/grounds/0/reference", True)

        path = f"/v1/practice-reports/{report_id}/withdraw"
        await city.ask("POST", path, {"reason": "名称有误"}, by="economy_it")
        assert "已撤回" in wrong(await drafted(city, report_id, **APP))[1]

    async def test_the_rule_is_the_reports_own(self, city):
        report_id = await reported(city, HOMEWORK)

        pointer, detail = wrong(await drafted(city, report_id, rule="schedule.contest"))

        assert (pointer, "schedule.homework" in detail) == ("/grounds/0/rule", True)

    async def test_an_office_that_has_no_part_in_a_report_does_not_learn_of_it(self, city):
        report_id = await reported(city, HOMEWORK)

        there = wrong(await drafted(city, report_id, by="science_tech"))
        nowhere = wrong(await drafted(city, "nothing", by="science_tech"))

        assert there == nowhere


class TestVisits:
    @pytest.fixture
    async def visited(self, city):
        told = Visit(
            visit_id="v1",
            version=1,
            institution_id=INSTITUTION,
            visited_by="xiashi",
            visited_at=MONDAY - timedelta(hours=3),
            outcome="open",
            mode="online",
            confirmed=("schedule.online_end",),
        )
        await take_visit(told, desk=visit_desk(city.kernel), now=MONDAY)

    @pytest.mark.usefixtures("visited")
    async def test_what_a_visit_confirmed_is_a_ground_and_nothing_else_is(self, city):
        confirmed = await drafted(city, "v1", kind="visit", rule="schedule.online_end")
        other = await drafted(city, "v1", kind="visit", rule="schedule.rest_day")

        assert confirmed.status_code == 201, confirmed.text
        assert wrong(other) == ("/grounds/0/rule", "这次巡查没有确认违反这条规则")
