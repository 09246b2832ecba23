"""Timers on a real store: done once by many, repeated after a crash, never on an estimate."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from shared import timers
from shared.cancelling import ended
from shared.clock import Clock, machine_now
from shared.mongo import ensure_indexes, transact
from shared.timers import (
    LONGEST_DELAY,
    TIMER_INDEXES,
    Period,
    Timer,
    Timers,
    clear_timer,
    delay_after,
    set_timer,
)
from shared.working_days import Notice, WorkingDays, end_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

SEEN_AT = datetime(2026, 6, 30, 10, tzinfo=UTC)
LOADED = WorkingDays({2027: Notice(frozenset({date(2027, 1, 1)}), frozenset())})


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(timers, "_POLL_SECONDS", 0.02)


@pytest.fixture
async def rows(database):
    await ensure_indexes(database, TIMER_INDEXES)
    return database["timers"]


@pytest.fixture
def made(database, rows):  # noqa: ARG001 - the indexes are made before the first row
    """Return a runner whose service clock stands at ``SEEN_AT`` and runs on."""

    def made(handle, *, calendar=None, at: datetime = SEEN_AT) -> Timers:
        return Timers(
            database,
            clock=Clock(at - machine_now()),
            calendar=calendar or WorkingDays(),
            handlers={"job": handle},
        )

    return made


def a_timer(name: str = "t1", *, due_at: datetime = SEEN_AT, **more) -> Timer:
    return Timer(name=name, kind="job", due_at=due_at, **more)


def a_provisional_timer() -> Timer:
    period = Period(date(2026, 12, 30), 2)
    deadline = WorkingDays().deadline(period.start, days=period.days)
    assert deadline.provisional
    return a_timer(due_at=deadline.at, provisional=True, period=period)


async def lease_runs_out(rows) -> None:
    await rows.update_many({}, {"$set": {"leased_until": machine_now() - timedelta(seconds=1)}})


@asynccontextmanager
async def running(*runners: Timers):
    tasks = [asyncio.create_task(runner.run()) for runner in runners]
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        await ended(*tasks)


class TestRunOne:
    async def test_does_what_is_due_and_forgets_it(self, database, rows, made):
        done = []

        async def handle(timer):
            done.append(timer)

        timer = a_timer(payload={"alert": "a1"}, period=Period(date(2026, 6, 25), 3))
        await set_timer(database, timer)

        assert await made(handle).run_one()
        assert done == [timer]
        assert await rows.count_documents({}) == 0

    async def test_leaves_what_is_due_later_and_what_others_do(self, database, rows, made):
        await set_timer(database, a_timer(due_at=SEEN_AT + timedelta(hours=1)))
        await set_timer(database, Timer(name="t2", kind="another", due_at=SEEN_AT))

        assert not await made(None).run_one()
        assert await rows.count_documents({}) == 2

    async def test_goes_by_the_service_clock(self, database, made):
        done = asyncio.Event()

        async def handle(_timer):
            done.set()

        await set_timer(database, a_timer(due_at=SEEN_AT + timedelta(days=1)))

        assert not await made(handle).run_one()
        assert await made(handle, at=SEEN_AT + timedelta(days=2)).run_one()
        assert done.is_set()

    async def test_keeps_a_timer_that_its_own_job_set_for_later(self, database, rows, made):
        later = SEEN_AT + timedelta(hours=1)

        async def handle(timer):
            await set_timer(database, a_timer(timer.name, due_at=later))

        await set_timer(database, a_timer())
        runner = made(handle)

        assert await runner.run_one()
        assert not await runner.run_one()
        row = await rows.find_one({"_id": "t1"})
        assert (row["due_at"], row["leased_by"]) == (later, None)

    async def test_does_a_job_again_whose_process_died(self, database, rows, made):
        begun = []
        first = asyncio.Event()

        async def handle(timer):
            begun.append(timer.name)
            if len(begun) == 1:
                first.set()
                await asyncio.Event().wait()

        await set_timer(database, a_timer())
        dying = asyncio.create_task(made(handle).run_one())
        await first.wait()
        await ended(dying)

        assert not await made(handle).run_one()
        await lease_runs_out(rows)
        assert await made(handle).run_one()
        assert begun == ["t1", "t1"]
        assert await rows.count_documents({}) == 0

    async def test_leaves_a_job_to_the_one_that_leased_it_after_us(self, database, rows, made):
        async def handle(_timer):
            await rows.update_one({"_id": "t1"}, {"$set": {"leased_by": "the other"}})

        await set_timer(database, a_timer())

        assert await made(handle).run_one()
        assert await rows.count_documents({"leased_by": "the other"}) == 1

    async def test_ends_a_job_before_its_lease_does(self, database, rows, made, monkeypatch):
        monkeypatch.setattr(timers, "JOB_SECONDS", 0.05)

        async def handle(_timer):
            await asyncio.Event().wait()

        await set_timer(database, a_timer())

        assert await made(handle).run_one()
        assert (await rows.find_one({}))["failures"] == 1

    async def test_puts_a_failing_job_off_and_does_the_others(self, database, rows, made):
        done = []

        async def handle(timer):
            if timer.name == "bad":
                raise LookupError
            done.append(timer.name)

        await set_timer(database, a_timer("bad", due_at=SEEN_AT - timedelta(days=1)))
        await set_timer(database, a_timer("good"))
        runner = made(handle)
        assert [await runner.run_one() for _ in range(3)] == [True, True, False]
        assert done == ["good"]

        await lease_runs_out(rows)
        before = machine_now()
        assert await runner.run_one()
        row = await rows.find_one({"_id": "bad"})
        assert row["failures"] == 2
        # A store keeps whole milliseconds.
        assert row["leased_until"] >= before + delay_after(2) - timedelta(milliseconds=1)

    async def test_sets_and_forgets_with_the_transaction_that_asks(self, database, rows):
        async def undone(session):
            await set_timer(database, a_timer(), session=session)
            raise LookupError

        with pytest.raises(LookupError):
            await transact(database, undone)
        assert await rows.count_documents({}) == 0

        await set_timer(database, a_timer())
        await transact(database, lambda session: clear_timer(database, "t1", session=session))
        await clear_timer(database, "t1")
        assert await rows.count_documents({}) == 0


class TestRun:
    async def test_does_each_job_once_with_two_beside_each_other(self, database, rows, made):
        done = []

        async def handle(timer):
            done.append(timer.name)
            await asyncio.sleep(0)

        names = [f"t{n:03}" for n in range(60)]
        async with running(made(handle), made(handle)):
            for name in names:
                await set_timer(database, a_timer(name))
            async with asyncio.timeout(30):
                while await rows.count_documents({}):  # noqa: ASYNC110 - polled
                    await asyncio.sleep(0.02)

        assert sorted(done) == names

    async def test_recounts_first_and_then_does_what_has_come_due(self, database, made):
        done = asyncio.Event()

        async def handle(_timer):
            done.set()

        await set_timer(database, a_provisional_timer())

        async with running(made(handle, calendar=LOADED, at=datetime(2027, 1, 5, tzinfo=UTC))):
            await asyncio.wait_for(done.wait(), 20)


class TestRecount:
    async def test_moves_a_provisional_timer_once_its_notice_is_loaded(self, database, rows, made):
        await set_timer(database, a_provisional_timer())
        long_after = datetime(2027, 3, 1, tzinfo=UTC)
        unloaded = made(None, at=long_after)
        assert await unloaded.recount() == 0
        assert not await unloaded.run_one()

        assert await made(None, calendar=LOADED).recount() == 1

        row = await rows.find_one({})
        assert (row["due_at"], row["provisional"]) == (end_of(date(2027, 1, 4)), False)

    async def test_moves_an_estimate_that_stays_one(self, database, rows, made):
        timer = a_timer(
            due_at=end_of(date(2027, 1, 1)), provisional=True, period=Period(date(2027, 1, 1), 3)
        )
        await set_timer(database, timer)

        assert await made(None).recount() == 1

        row = await rows.find_one({})
        assert (row["due_at"], row["provisional"]) == (end_of(date(2027, 1, 6)), True)

    async def test_leaves_alone_what_still_falls_due_as_it_was_counted(self, database, made):
        period = Period(date(2026, 12, 29), 2)
        await set_timer(database, a_timer(due_at=end_of(date(2026, 12, 31)), period=period))
        await set_timer(database, a_timer("without a period"))

        assert await made(None, calendar=LOADED).recount() == 0

    async def test_moves_a_known_moment_when_its_notice_is_corrected(self, database, rows, made):
        period = Period(date(2026, 12, 29), 2)
        await set_timer(database, a_timer(due_at=end_of(date(2026, 12, 31)), period=period))
        corrected = WorkingDays({2027: Notice(frozenset({date(2026, 12, 31)}), frozenset())})

        assert await made(None, calendar=corrected).recount() == 1
        row = await rows.find_one({})
        assert (row["due_at"], row["provisional"]) == (end_of(date(2027, 1, 1)), False)

    async def test_is_done_again_while_it_runs_when_the_calendar_learns(self, database, made):
        calendar, done = WorkingDays(), asyncio.Event()

        async def handle(_timer):
            done.set()

        await set_timer(database, a_provisional_timer())
        timers = made(handle, calendar=calendar, at=datetime(2027, 1, 5, tzinfo=UTC))

        async with running(timers):
            await asyncio.sleep(0)
            calendar.learn(LOADED.notices)
            await asyncio.wait_for(done.wait(), 20)


class TestSetTimer:
    async def test_refuses_an_estimate_that_nobody_could_count_again(self, database):
        with pytest.raises(ValueError, match="keeps the period"):
            await set_timer(database, a_timer(provisional=True))

    async def test_moves_the_timer_of_the_same_name_and_forgets_its_failures(self, database, rows):
        await set_timer(database, a_timer())
        await rows.update_one({}, {"$set": {"failures": 3, "leased_by": "somebody"}})

        await set_timer(database, a_timer(due_at=SEEN_AT + timedelta(days=1)))

        [row] = await rows.find().to_list()
        assert row["due_at"] == SEEN_AT + timedelta(days=1)
        assert (row["failures"], row["leased_by"], row["leased_until"]) == (0, None, None)


class TestDelayAfter:
    def test_doubles_up_to_its_limit_however_often_a_job_fails(self):
        assert [delay_after(n).total_seconds() for n in (1, 2, 3)] == [2, 4, 8]
        assert delay_after(10) == delay_after(1_000) == LONGEST_DELAY
