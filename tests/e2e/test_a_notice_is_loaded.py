"""A notice of the State Council is loaded at schedule_monitor, and every clock of the city moves.

Over a real bus and a database for each service: door, transaction, relay, stream, replica, clock.
"""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import httpx
import pytest

from services.fund_monitor.app.go_by_calendar import go_by_calendar
from services.fund_monitor.store.deadlines import DeadlineStore
from services.fund_monitor.store.indexes import INDEXES as FUND_INDEXES
from services.schedule_monitor.app.calendars.load_notice import begin_calendar
from services.schedule_monitor.application import application
from services.schedule_monitor.desks import calendar_office
from services.schedule_monitor.store.indexes import INDEXES
from shared.alerts.clocks import Reckoning
from shared.calendar_years import CALENDAR_YEARS, CalendarFollower, calendar_router
from shared.clock import Clock, machine_now
from shared.dead_letters import DeadLetters
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.messaging.subscribe import broker_of
from shared.mongo import ensure_indexes
from shared.outbox import Relay
from shared.timers import Period, Timer, Timers, set_timer
from shared.working_days import WorkingDays, end_of
from tests.schedule_monitor.builders import a_notice_body
from tests.support.audit import audit_log
from tests.support.databases import empty_database
from tests.support.fund import an_institution

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

NOW = datetime(2026, 12, 30, 4, tzinfo=UTC)
PATIENCE_SECONDS = 20.0
READERS = ("registry", "fund_monitor", "ads_watch")


async def until(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await condition():
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.02)


@pytest.fixture
async def schedule(database, access, bus):
    """Return schedule_monitor's door; what it announces is relayed."""
    await ensure_indexes(database, {**KERNEL_INDEXES, **INDEXES})
    connection = await bus.connect("schedule_monitor")
    relay = Relay(database, connection.jetstream(), poll_seconds=0.02)
    kernel = Kernel(
        service="schedule_monitor",
        db=database,
        verifier=access,
        clock=Clock(NOW - machine_now()),
        audit=audit_log(database),
        committed=relay.wake,
    )
    await begin_calendar({}, office=calendar_office(kernel))
    relaying = asyncio.create_task(relay.run())
    transport = httpx.ASGITransport(application(kernel))
    async with httpx.AsyncClient(transport=transport, base_url="http://schedule") as client:
        yield client
    relaying.cancel()
    await connection.close()


@pytest.fixture
def put(schedule, token):
    async def work(**changes):
        headers = {"Authorization": f"Bearer {token(role='staff', department='education')}"}
        answer = await schedule.put(
            "/v1/calendar/notices/2027", json=a_notice_body(**changes), headers=headers
        )
        assert answer.status_code == 201, answer.text

    return work


@asynccontextmanager
async def hearing(service, db, bus):
    router = calendar_router(service, db, DeadLetters(db))
    broker = broker_of([router], url=bus.url, user=service, seed_file=bus.seed_file(service))
    async with broker:
        await broker.start()
        yield


@pytest.fixture
async def other(mongo):
    async with empty_database(mongo.url, purpose="other") as db:
        await ensure_indexes(db, {**KERNEL_INDEXES, **FUND_INDEXES})
        yield db


def told(db, year, version=1):
    async def there():
        row = await db[CALENDAR_YEARS].find_one({"_id": str(year)})
        return row is not None and row["version"] >= version

    return there


@pytest.mark.parametrize("service", READERS)
async def test_every_service_goes_by_it_without_a_restart(service, put, other, bus):
    calendar = WorkingDays()
    follower, reckoning = CalendarFollower(other, calendar), Reckoning(calendar)
    async with hearing(service, other, bus):
        await until(told(other, 2026))
        await follower.look()
        before = reckoning.deadline(date(2026, 12, 30), days=3)

        await put()
        await until(told(other, 2027))
        await follower.look()

    after = reckoning.deadline(date(2026, 12, 30), days=3)
    assert (before.at, before.provisional) == (end_of(date(2027, 1, 4)), True)
    assert (after.at, after.provisional) == (end_of(date(2027, 1, 5)), False)


async def test_what_fund_monitor_counted_before_is_counted_anew(put, other, bus):
    calendar = WorkingDays()
    counted = calendar.deadline(date(2026, 12, 30), days=3)
    await set_timer(
        other,
        Timer(
            name="silence",
            kind="silence",
            due_at=counted.at,
            provisional=True,
            period=Period(date(2026, 12, 30), 3),
        ),
    )
    await other["differences"].insert_one(
        {"_id": "d", "state": "open", "found_at": NOW, "due_at": counted.at, "provisional": True}
    )
    await other["institutions"].insert_one(an_institution())
    follower = CalendarFollower(other, calendar)
    follower.then(
        lambda cause: go_by_calendar(cause, deadlines=DeadlineStore(other), calendar=calendar)
    )
    timers = Timers(other, clock=Clock(NOW - machine_now()), calendar=calendar, handlers={})
    async with hearing("fund_monitor", other, bus):
        await put()
        await until(told(other, 2027))
        await follower.look()
        await timers.recount()

    [timer] = await other["timers"].find().to_list()
    [difference] = await other["differences"].find().to_list()
    [mark] = await other["to_judge"].find().to_list()
    for row in (timer, difference):
        assert (row["due_at"], row["provisional"]) == (end_of(date(2027, 1, 5)), False)
    assert mark["id"] == an_institution()["uscc"]
    assert mark["causes"][0].startswith("calendar:")


async def test_a_correction_overtakes_it_and_what_is_known_stays_while_it_is_away(put, other, bus):
    calendar = WorkingDays()
    follower = CalendarFollower(other, calendar)
    async with hearing("fund_monitor", other, bus):
        await put()
        await until(told(other, 2027))
    await put(workdays=[])
    await follower.look()
    first = calendar.kind_of(date(2027, 2, 20))

    async with hearing("fund_monitor", other, bus):
        await until(told(other, 2027, version=2))
        await follower.look()

    assert (first.working, calendar.kind_of(date(2027, 2, 20)).working) == (True, False)
