"""What the record shows after the time was up: asked again, and the alert rises."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.schedule_monitor.builders import INSTITUTION, a_class, a_filing, a_held_item
from tests.schedule_monitor.takedowns.conftest import FILE, MONDAY, URL

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

NEXT_DAY = datetime(2026, 3, 9, 16, tzinfo=UTC)
LATER = datetime(2026, 3, 31, 4, tzinfo=UTC)
# A Tuesday after the deadline, and one before it.
AFTER, BEFORE = "2026-03-10", "2026-03-03"


async def test_a_session_after_the_deadline_asks_again_once(city):
    takedown_id = await city.sent()
    await city.pass_time(NEXT_DAY)
    [late] = await city.alerts()
    assert late["level"] == "yellow"

    held = a_held_item(AFTER, reference="L9")
    await city.tell(held, at=LATER)
    # Told again, judged again: nothing more comes of it.
    await city.tell({**held, "reference": "L10"}, at=LATER)

    said = await city.read(takedown_id, at=LATER)
    assert (said["state"], len(said["rounds"])) == ("reopened", 2)
    [check] = said["rounds"][0]["rechecks"]
    assert (check["passed"], check["by"]["role"]) == (False, "service")
    assert "L9" in check["evidence"][0]
    [alert] = await city.alerts()
    assert (alert["_id"], alert["level"]) == (late["_id"], "red")
    red = {"kind": "red_alert", "department": "economy_it", "title": {"$regex": "逾期未办"}}
    assert await city.kernel.db["notifications"].count_documents(red) == 1


async def test_a_session_after_it_was_said_to_be_done_asks_again(city):
    takedown_id = await city.sent()
    await city.answer(takedown_id, at=MONDAY + timedelta(minutes=1))

    await city.tell(a_held_item(BEFORE, reference="L9"), at=LATER)

    said = await city.read(takedown_id, at=LATER)
    assert (said["state"], said["found_again"]) == ("reopened", True)


async def test_a_closed_request_is_opened_by_what_comes_to_light(city):
    takedown_id = await city.sent()
    await city.answer(takedown_id, at=MONDAY + timedelta(minutes=1))
    await city.ask("POST", f"{URL}/{takedown_id}/recheck", {"passed": True, "note": "已停"})

    await city.tell(a_held_item(BEFORE, reference="L9"), at=LATER)

    said = await city.read(takedown_id, at=LATER)
    assert said["state"] == "reopened"
    assert [one["passed"] for one in said["rounds"][0]["rechecks"]] == [True, False]


async def test_what_was_within_the_time_or_is_another_thing_is_nothing(city):
    takedown_id = await city.sent()
    await city.pass_time(NEXT_DAY)

    await city.tell(
        a_held_item(BEFORE, reference="L7"),
        a_held_item(AFTER, reference="L8", class_group="四年级1班"),
        a_held_item(AFTER, reference="L9", withdrawn=True),
        at=LATER,
    )

    assert (await city.read(takedown_id, at=LATER))["state"] == "sent"


async def test_what_was_only_to_be_mended_may_go_on_mended(city):
    takedown_id = await city.sent(measure="rectify", demand="不在休息日上课")
    await city.pass_time(NEXT_DAY)

    await city.tell(a_held_item(AFTER, reference="L8"), at=LATER)
    assert (await city.read(takedown_id, at=LATER))["state"] == "sent"

    await city.tell(a_held_item("2026-03-15", reference="L9"), at=LATER)
    assert (await city.read(takedown_id, at=LATER))["state"] == "reopened"


async def test_a_timetable_filed_afterwards_shows_it_still_planned(city):
    takedown_id = await city.sent()
    await city.pass_time(NEXT_DAY)
    at = NEXT_DAY + timedelta(hours=10)

    filing = a_filing(a_class("2026-03-17", mode="online"))
    answer = await city.ask("POST", "/v1/timetables", filing, by="education", at=at)
    assert answer.status_code == 201, answer.text
    await city.judge(at)

    said = await city.read(takedown_id, at=at)
    assert said["state"] == "reopened"
    assert answer.json()["timetable_id"] in said["rounds"][0]["rechecks"][0]["evidence"][0]


async def test_a_recording_is_known_by_its_address(city):
    url = "https://cloud.example/lessons/7"
    thing = {"kind": "recording", "title": "录播第7课", "url": url, "institution_id": INSTITUTION}
    takedown_id = await city.sent(thing=thing)
    await city.pass_time(NEXT_DAY)

    elsewhere = a_held_item(AFTER, reference="L8", url=f"{url}0")
    await city.tell(elsewhere, at=LATER)
    assert (await city.read(takedown_id, at=LATER))["state"] == "sent"
    await city.tell(a_held_item(AFTER, reference="L9", url=f"{url}/"), at=LATER)
    assert (await city.read(takedown_id, at=LATER))["state"] == "reopened"


async def test_a_withdrawn_request_is_left_alone(city):
    takedown_id = await city.sent()
    await city.ask("POST", f"{URL}/{takedown_id}/withdraw", {"reason": "有误"})

    await city.tell(a_held_item(AFTER, reference="L9"), at=LATER)

    assert (await city.read(takedown_id, at=LATER))["state"] == "withdrawn"
    assert await city.alerts() == []


async def test_the_new_time_runs_from_asking_again(city):
    takedown_id = await city.sent(urgency="urgent")
    await city.pass_time(MONDAY + timedelta(hours=25))
    await city.tell(a_held_item(AFTER, reference="L9"), at=LATER)

    assert not await city.pass_time(LATER + timedelta(hours=23))
    assert await city.pass_time(LATER + timedelta(hours=25))
    await city.answer(takedown_id, at=LATER + timedelta(hours=26), proofs=[FILE])
    check = {"passed": True, "note": "已停"}
    at = LATER + timedelta(hours=27)
    closed = await city.ask("POST", f"{URL}/{takedown_id}/recheck", check, at=at)

    assert closed.json()["state"] == "closed"
    assert [one["overdue_at"] is not None for one in closed.json()["rounds"]] == [True, True]
    assert await city.alerts() == []
