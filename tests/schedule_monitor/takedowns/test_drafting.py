"""A request rests on findings that are there, and its articles are those of their rules."""

import pytest

from tests.schedule_monitor.builders import INSTITUTION, a_held_item
from tests.schedule_monitor.takedowns.conftest import URL

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


async def test_a_draft_names_what_it_rests_on(city):
    answer = await city.ask("POST", URL, city.request())

    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["state"], said["issuer"], said["parties"]) == (
        "drafted",
        "economy_it",
        ["economy_it", "education"],
    )
    assert said["recipient"]["name"] == "云课堂"
    [ground] = said["grounds"]
    assert ground["rule"] == "schedule.rest_day"
    assert "任务21" in ground["article"]
    assert said["rounds"] == []


async def test_a_request_may_rest_on_a_session_or_a_course(city):
    course = {"name": "数学", "kind": "subject", "stage": "compulsory", "mode": "online"}
    course |= {"subject_matter": "三年级数学"}
    filed = await city.ask(
        "PUT", f"/v1/institutions/{INSTITUTION}/courses/SX3A", course, by="education"
    )
    assert filed.status_code == 201, filed.text
    grounds = [
        {
            "kind": "held_session",
            "reference": city.ids["session"],
            "rule": "schedule.held_unfiled",
            "says": "未备案。",
        },
        {"kind": "course", "reference": "SX3A", "rule": "schedule.rest_day", "says": "周日班。"},
    ]

    takedown_id = await city.draft(grounds=grounds)

    said = await city.read(takedown_id)
    assert [one["kind"] for one in said["grounds"]] == ["held_session", "course"]


@pytest.mark.parametrize(
    ("ground", "pointer"),
    [
        ({"kind": "alert", "reference": "nothing"}, "/grounds/0/reference"),
        ({"kind": "alert", "rule": "schedule.online_end"}, "/grounds/0/rule"),
        ({"kind": "held_session", "reference": "nothing", "rule": "schedule.rest_day"}, None),
        ({"kind": "held_session", "rule": "schedule.online_end"}, "/grounds/0/rule"),
        ({"kind": "course", "reference": "SX9", "rule": "schedule.rest_day"}, None),
        ({"kind": "course", "reference": "SX9", "rule": "fund.coverage"}, "/grounds/0/rule"),
        ({"kind": "report", "reference": "JB-1", "rule": "schedule.homework"}, None),
        ({"kind": "visit", "reference": "V-1", "rule": "schedule.rest_day"}, None),
    ],
)
async def test_a_ground_that_does_not_hold_is_pointed_at(city, ground, pointer):
    usual = {"alert": city.ids["alert"], "held_session": city.ids["session"]}
    given = {"says": "某事。", "reference": usual.get(ground["kind"], ""), **ground}

    answer = await city.ask("POST", URL, city.request(grounds=[given]))

    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:haining:problem:ground-refused"
    assert answer.json()["errors"][0]["pointer"] == (pointer or "/grounds/0/reference")


@pytest.mark.parametrize(
    "change",
    [
        {"grounds": []},
        {"proofs": []},
        {"recipient": {}},
        {"recipient": {"platform": "cloud", "operator": "某公司"}},
        {"recipient": {"operator": "某公司"}},
        {"thing": {"kind": "class", "title": "班"}},
        {"thing": {"kind": "recording", "title": "录播"}},
        {"thing": {"kind": "video", "title": "录播"}},
        {"proofs": [{"kind": "file", "name": "图"}]},
        {"proofs": [{"kind": "text", "name": "图", "sha256": "a" * 64}]},
        {"measure": "fine"},
        {"urgency": "soon"},
        {"demand": "  "},
        {"deadline": "2026-03-03"},
    ],
)
async def test_a_request_that_cannot_be_read_changes_nothing(city, change):
    answer = await city.ask("POST", URL, city.request(**change))

    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert await city.kernel.db["takedowns"].count_documents({}) == 0


async def test_an_unknown_platform_is_no_recipient(city):
    answer = await city.ask("POST", URL, city.request(recipient={"platform": "other"}))

    assert answer.json()["type"] == "urn:haining:problem:recipient-unknown"


async def test_an_alert_that_is_taken_back_is_no_ground(city):
    await city.tell(a_held_item("2026-03-01", version=2, withdrawn=True))

    answer = await city.ask("POST", URL, city.request())

    assert answer.json()["type"] == "urn:haining:problem:ground-refused"


async def test_the_same_key_drafts_once(city):
    headers = city.bearer(role="staff", department="economy_it") | {"Idempotency-Key": "one"}
    async with city.client() as client:
        answers = [await client.post(URL, json=city.request(), headers=headers) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert await city.kernel.db["takedowns"].count_documents({}) == 1


async def test_others_do_not_learn_of_it(city):
    takedown_id = await city.draft()

    for department, status in (("education", 200), ("science_tech", 404), ("pboc", 403)):
        answer = await city.ask("GET", f"{URL}/{takedown_id}", by=department)
        assert answer.status_code == status
    listed = (await city.ask("GET", URL, by="science_tech")).json()
    assert listed["takedowns"] == []


async def test_the_letter_says_what_is_asked_why_and_until_when(city):
    takedown_id = await city.draft()
    draft = await city.ask("GET", f"{URL}/{takedown_id}/notice")
    await city.ask("POST", f"{URL}/{takedown_id}/send")

    letter = (await city.ask("GET", f"{URL}/{takedown_id}/notice")).text

    assert "草稿" in draft.text
    assert letter.startswith("下架（停课）通知书\n")
    for words in ("云课堂：", "任务21", "2026年03月10日00时00分前", "市经信局", "SNAP-2026-0302-1"):
        assert words in letter
