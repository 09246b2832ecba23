"""The clocks of reports on a real store: working days, and nothing fires without a notice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.schedule_monitor.app.practices.judge_practice import (
    Question,
    Word,
    ask_expert,
    decide_report,
    give_opinion,
)
from services.schedule_monitor.app.practices.practice_clock import PracticeTimers
from services.schedule_monitor.app.practices.practice_desk import Doing, PracticeDesk
from services.schedule_monitor.app.practices.report_practice import report_practice
from services.schedule_monitor.domain.practices.practice import Told
from services.schedule_monitor.store.practices import PracticeStore
from shared.audit.log import Who
from shared.clock import Clock
from shared.timers import Timers
from shared.working_days import Notice, WorkingDays
from tests.schedule_monitor.builders import INSTITUTION
from tests.schedule_monitor.conftest import NOW

pytestmark = pytest.mark.integration

OFFICER = Who(role="staff", person="p", office="education")
A_TIP = Told(
    practice="ahead_of_standard",
    source="tip",
    institution_id=INSTITUTION,
    first_on=date(2026, 2, 26),
    last_on=date(2026, 2, 26),
    seen="三年级班讲授五年级内容",
)


@pytest.fixture
async def desk(kernel, institutions):
    return PracticeDesk(
        db=kernel.db,
        reports=PracticeStore(kernel.db),
        institutions=institutions,
        audit=kernel.audit,
        calendar=WorkingDays(),
    )


def doing(did, now=NOW):
    return Doing(did, OFFICER, now, "理由")


def timers_of(desk, now):
    clocks = PracticeTimers(desk.db, reports=desk.reports, audit=desk.audit, now=lambda: now)
    clock = Clock(now - datetime.now(UTC))
    return Timers(desk.db, clock=clock, calendar=desk.calendar, handlers=clocks.handlers)


async def struck(desk, day):
    """Let every clock strike that is due just after a city day's midnight."""
    now = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=8, seconds=-1)
    times = 0
    while await timers_of(desk, now).run_one():
        times += 1
    return times


async def test_a_report_is_overdue_after_seven_working_days(desk):
    report, _ = await report_practice(A_TIP, doing("reported"), institution=None, desk=desk)

    # Reported on Monday, 2 March: the seventh working day after is Wednesday the 11th.
    assert await struck(desk, date(2026, 3, 11)) == 0
    assert await struck(desk, date(2026, 3, 12)) == 1

    late = await desk.reports.get(report.report_id)
    assert late.overdue_at == datetime(2026, 3, 11, 16, tzinfo=UTC)
    assert [step.did for step in late.steps] == ["reported", "overdue"]
    assert await struck(desk, date(2026, 4, 12)) == 0


async def test_each_step_has_a_clock_of_its_own(desk):
    report, _ = await report_practice(A_TIP, doing("reported"), institution=None, desk=desk)
    question = Question(expert="沈一", office="委员会", question="是否超标")
    asked_on = NOW + timedelta(days=1)
    await ask_expert(report.report_id, question, doing("opinion-asked", asked_on), desk=desk)

    # Asked on Tuesday, 3 March: ten working days end on Tuesday the 17th.
    assert await struck(desk, date(2026, 3, 17)) == 0
    assert await struck(desk, date(2026, 3, 18)) == 1
    word = Word(says="unclear", reasons="讲义不全", paper=None)
    said_on = datetime(2026, 3, 18, 4, tzinfo=UTC)
    after, _ = await give_opinion(
        report.report_id, 1, word, doing("opinion-given", said_on), desk=desk
    )
    # Whoever acts ends the mark; it stays in the steps.
    assert after.overdue_at is None

    await decide_report(report.report_id, "upheld", doing("decided", said_on), desk=desk)
    assert await struck(desk, date(2026, 12, 1)) == 0
    assert await desk.db["timers"].count_documents({"kind": "schedule.practice_report"}) == 0


async def test_nothing_fires_on_a_calendar_that_is_not_announced(desk):
    told = replace(A_TIP, first_on=date(2026, 12, 30), last_on=date(2026, 12, 30))
    reported = doing("reported", datetime(2028, 1, 3, 4, tzinfo=UTC))
    report, _ = await report_practice(told, reported, institution=None, desk=desk)
    assert await struck(desk, date(2028, 3, 1)) == 0

    desk.calendar.learn({2028: Notice(frozenset(), frozenset())})
    timers = timers_of(desk, datetime(2028, 3, 1, tzinfo=UTC))
    assert await timers.recount() == 1
    assert await timers.run_one()

    assert (await desk.reports.get(report.report_id)).overdue_at is not None
