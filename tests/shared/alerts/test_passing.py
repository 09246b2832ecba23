import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.alerts.clocks import Reckoning
from shared.alerts.desk import Act
from shared.alerts.handling import Receipt
from shared.alerts.limits import DEFAULT_LIMITS
from shared.alerts.passing import ClockWatch
from shared.alerts.store import AlertStore
from shared.contracts.alerts import ALERT_CHANNELS
from shared.mongo import transact
from shared.timers import Timer, Timers
from shared.working_days import Notice, WorkingDays
from tests.shared.alerts.builders import LEAD, NOW, a_finding, a_verdict, in_city
from tests.support.audit import audit_log

pytestmark = pytest.mark.integration

SECOND = timedelta(seconds=1)
# Raised on Tuesday 31 March, yellow: to be acknowledged by the end of Friday 3 April.
DUE = in_city(2026, 4, 4)


@pytest.fixture
async def alert_id(settle):
    [change] = await settle(a_verdict(a_finding()))
    return change.after.id


@pytest.fixture
def waiting(database):
    async def read():
        return await database["timers"].find({"kind": "alert"}).to_list()

    return read


@pytest.fixture
def counted_by(database, clock):
    """Return the timers of a service that counts otherwise."""

    def timers(reckoning):
        store = AlertStore(database, ALERT_CHANNELS["fund_monitor"], reckoning=reckoning)
        watch = ClockWatch(store, audit_log(database), clock=clock)
        handlers = {"alert": watch.on_timer}
        return Timers(database, clock=clock, calendar=reckoning.calendar, handlers=handlers)

    return timers


def as_leased(row):
    return Timer(name=row["_id"], kind=row["kind"], due_at=row["due_at"], payload=row["payload"])


async def told_of(database, kind):
    rows = await database["notifications"].find({"kind": kind}).sort("_id", 1).to_list()
    return [row["department"] for row in rows]


class TestTimerOfAnAlert:
    async def test_is_set_with_the_alert_for_its_first_clock(self, alert_id, waiting):
        [timer] = await waiting()

        assert (timer["_id"], timer["due_at"]) == (f"alert:{alert_id}", DUE)
        assert (timer["provisional"], timer["period"]["days"]) == (False, 3)

    async def test_moves_with_what_people_do(self, desk, alert_id, waiting):
        act = Act(alert_id=alert_id, by=LEAD, now=NOW)

        await desk.acknowledge(act, Receipt())

        [timer] = await waiting()
        assert timer["due_at"] == in_city(2026, 4, 30)

    @pytest.mark.usefixtures("alert_id")
    async def test_goes_with_the_alert(self, settle, waiting):
        await settle(a_verdict())

        assert await waiting() == []

    async def test_is_not_left_behind_by_an_aborted_transaction(self, database, store, waiting):
        async def work(session):
            await store.settle(session, a_verdict(a_finding()), now=NOW)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await transact(database, work)

        assert await waiting() == []


class TestOnTimer:
    async def test_does_nothing_a_second_before_the_deadline(self, timers, clock, alert_id, store):
        clock.moment = DUE - SECOND

        assert not await timers.run_one()
        assert (await store.get(alert_id)).overdue == ()

    async def test_marks_and_carries_up_at_the_deadline(
        self, timers, clock, alert_id, store, notices
    ):
        clock.moment = DUE

        assert await timers.run_one()

        alert = await store.get(alert_id)
        assert [it.to_department for it in alert.escalations] == ["education"]
        assert [it for it in await notices() if it[1] == 2] == [
            (f"alerts.v1.{department}.yellow.fund_monitor", 2, told)
            for department, told in (
                ("culture_tourism_sports", "overdue"),
                ("pboc", "overdue"),
                ("cbirc", "overdue"),
                ("finance_office", "overdue"),
                ("education", "escalated"),
            )
        ]

    async def test_reminds_leaves_an_audit_row_and_waits_for_the_next_step(
        self, timers, clock, alert_id, database, waiting
    ):
        clock.moment = DUE

        assert await timers.run_one()

        assert await told_of(database, "overdue") == ["culture_tourism_sports", "education"]
        [entry] = await database["audit"].find({"action": "alert.escalate"}).to_list()
        assert entry["who"]["role"] == "service"
        assert entry["details"] == {
            "clock": "acknowledge",
            "step": 1,
            "to": "education",
            "late": "culture_tourism_sports",
            "version": 2,
        }
        assert entry["about"] == {"kind": "alert", "id": alert_id}
        [timer] = await waiting()
        assert timer["due_at"] == in_city(2026, 4, 10)

    async def test_twice_escalates_once(self, watch, clock, alert_id, store, waiting, notices):
        clock.moment = DUE
        [leased] = await waiting()

        await watch.on_timer(as_leased(leased))
        before = await notices()
        await watch.on_timer(as_leased(leased))

        assert len((await store.get(alert_id)).escalations) == 1
        assert await notices() == before

    async def test_by_two_processes_at_once_escalates_once(
        self, watch, clock, alert_id, store, waiting, database
    ):
        clock.moment = DUE
        [leased] = await waiting()

        await asyncio.gather(*(watch.on_timer(as_leased(leased)) for _ in range(4)))

        assert len((await store.get(alert_id)).escalations) == 1
        assert await database["audit"].count_documents({}) == 1

    async def test_after_somebody_acted_in_time_does_nothing(
        self, watch, desk, clock, alert_id, store, waiting
    ):
        [leased] = await waiting()
        await desk.acknowledge(Act(alert_id=alert_id, by=LEAD, now=NOW), Receipt())
        clock.moment = DUE

        await watch.on_timer(as_leased(leased))

        assert (await store.get(alert_id)).lateness == ()
        [timer] = await waiting()
        assert timer["due_at"] == in_city(2026, 4, 30)

    async def test_goes_up_the_ladder_to_its_end(self, timers, clock, alert_id, store, waiting):
        for moment in (DUE, in_city(2026, 4, 10), in_city(2026, 4, 30), in_city(2026, 5, 30)):
            clock.moment = moment
            assert await timers.run_one()

        alert = await store.get(alert_id)
        assert [(it.clock, it.step) for it in alert.escalations] == [
            ("acknowledge", 1),
            ("acknowledge", 2),
            ("dispose", 1),
            ("dispose", 2),
        ]
        assert await waiting() == []
        assert not await timers.run_one()

    @pytest.mark.usefixtures("alert_id")
    async def test_waits_for_the_new_moment_when_the_numbers_have_changed(
        self, clock, counted_by, waiting
    ):
        [limits] = DEFAULT_LIMITS
        later = Reckoning(numbers=(replace(limits, acknowledge_yellow=5),))
        clock.moment = DUE

        assert await counted_by(later).run_one()

        [timer] = await waiting()
        assert timer["due_at"] == in_city(2026, 4, 9)


class TestUnloadedYear:
    @pytest.fixture
    async def late_in_the_year(self, settle, clock):
        clock.moment = in_city(2026, 12, 30, 9)
        [change] = await settle(a_verdict(a_finding()), now=clock.moment)
        return change.after.id

    async def test_never_fires(self, timers, clock, late_in_the_year, store):
        clock.moment = in_city(2027, 6, 1)

        assert await timers.recount() == 0
        assert not await timers.run_one()
        assert (await store.get(late_in_the_year)).lateness == ()

    async def test_fires_when_the_notice_is_loaded(
        self, counted_by, clock, late_in_the_year, store
    ):
        notice = Notice(rest_days=frozenset({date(2027, 1, 1)}), workdays=frozenset())
        loaded = Reckoning(WorkingDays({2027: notice}))
        timers = counted_by(loaded)
        # Wednesday 30 December: Thursday, then Monday and Tuesday of the new year.
        deadline = in_city(2027, 1, 6)

        assert await timers.recount() == 1
        clock.moment = deadline - SECOND
        assert not await timers.run_one()
        clock.moment = deadline
        assert await timers.run_one()

        assert [it.due_at for it in (await store.get(late_in_the_year)).overdue] == [deadline]


class TestRedAlerts:
    async def test_are_told_at_once_to_every_department(self, settle, database):
        await settle(a_verdict(a_finding(level="red")))

        assert await told_of(database, "red_alert") == [
            "culture_tourism_sports",
            "pboc",
            "cbirc",
            "finance_office",
        ]

    async def test_are_not_told_twice(self, settle, database):
        await settle(a_verdict(a_finding(level="red")))
        await settle(a_verdict(a_finding(level="red"), a_finding("e-2")))

        assert len(await told_of(database, "red_alert")) == 4
