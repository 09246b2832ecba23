"""The deadline: a dated rule, in hours or working days; a provisional one fires nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.takedown.model import WAITING
from shared.working_days import Notice
from tests.schedule_monitor.takedowns.conftest import MONDAY, URL

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

LAST_MOMENT = datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 9, 16, tzinfo=UTC)


async def test_passes_after_the_last_working_day(city):
    takedown_id = await city.sent()

    assert not await city.pass_time(LAST_MOMENT)
    assert await city.alerts() == []
    assert await city.pass_time(NEXT_DAY)
    assert not await city.pass_time(NEXT_DAY)

    said = await city.read(takedown_id)
    assert (said["state"], said["overdue"]) == ("sent", True)
    [alert] = await city.alerts()
    assert (alert["level"], alert["about"]["kind"], alert["about"]["id"]) == (
        "yellow",
        "platform",
        "cloud",
    )
    assert {it["department"]: it["role"] for it in alert["deliveries"]} == {
        "economy_it": "lead",
        "education": "inform",
    }
    listed = (await city.ask("GET", f"{URL}?overdue=true")).json()["takedowns"]
    assert [one["takedown_id"] for one in listed] == [takedown_id]


async def test_an_urgent_one_has_hours(city):
    await city.sent(urgency="urgent")

    assert not await city.pass_time(MONDAY + timedelta(hours=23, minutes=59))
    assert await city.pass_time(MONDAY + timedelta(hours=24, seconds=5))
    [alert] = await city.alerts()
    assert "紧急：24小时" in alert["message"]


@pytest.mark.parametrize("outcome", ["done", "refused"])
async def test_an_answer_stops_it(city, outcome):
    takedown_id = await city.sent()
    await city.answer(takedown_id, outcome)

    assert not await city.pass_time(NEXT_DAY)
    assert await city.alerts() == []


async def test_a_late_answer_ends_the_alert_and_stays_late(city):
    takedown_id = await city.sent()
    await city.pass_time(NEXT_DAY)

    answered = await city.answer(takedown_id, at=NEXT_DAY)

    assert answered.json()["rounds"][0]["overdue_at"] is not None
    assert await city.alerts() == []
    [alert] = await city.kernel.db["alerts"].find({"window": takedown_id}).to_list()
    assert alert["state"] == "superseded"


async def test_receiving_it_does_not_stop_it(city):
    takedown_id = await city.sent()
    await city.ask("POST", f"{URL}/{takedown_id}/acknowledge")

    assert await city.pass_time(NEXT_DAY)
    assert (await city.read(takedown_id))["state"] in WAITING


async def test_a_provisional_deadline_fires_nothing_until_the_notice_is_loaded(city):
    # The last days of a year whose next notice is not loaded: no weekday is sure.
    city.kernel = replace(city.kernel, calendar=type(city.kernel.calendar)())
    sent_at = datetime(2026, 12, 30, 4, tzinfo=UTC)
    takedown_id = await city.sent(at=sent_at)
    said = await city.read(takedown_id, at=sent_at)
    assert said["rounds"][0]["due_provisional"] is True

    later = datetime(2027, 3, 1, tzinfo=UTC)
    assert not await city.pass_time(later)
    assert await city.alerts() == []

    rest = frozenset({datetime(2027, 1, 1, tzinfo=UTC).date()})
    city.kernel.calendar.learn({2027: Notice(rest, frozenset())})
    assert await city.recount(later) == 1
    assert await city.pass_time(later)
    assert len(await city.alerts()) == 1
