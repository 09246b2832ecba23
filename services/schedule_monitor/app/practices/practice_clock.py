"""The clock of a report: working days until its next step; past it, the report is overdue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from services.schedule_monitor.domain.practices.practice import Report, State, Step
from services.schedule_monitor.domain.rules.practice_articles import HandlingLimits, handling_on
from services.schedule_monitor.store.practices import PracticeStore
from shared.audit.log import SERVICE, AuditLog, Entry
from shared.city_time import city_date
from shared.mongo import Database, Session, transact
from shared.timers import Handler, Period, Timer, clear_timer, is_set, set_timer
from shared.working_days import Deadline, WorkingDays

HANDLING: Final = "schedule.practice_report"


def due(report: Report, calendar: WorkingDays) -> Deadline | None:
    """Return when the step that a report waits for is late; nothing is where it waits for none."""
    period = _period(report)
    return None if period is None else calendar.deadline(period.start, days=period.days)


async def moved_clock(
    report: Report, *, db: Database, calendar: WorkingDays, session: Session
) -> None:
    """Have the clock of a report run for the step it waits for now."""
    period = _period(report)
    # A clock that has struck is not set again: the report is late until somebody acts.
    if period is None or report.overdue_at is not None:
        await clear_timer(db, _name(report.report_id), session=session)
        return
    deadline = calendar.deadline(period.start, days=period.days)
    await set_timer(
        db,
        Timer(
            name=_name(report.report_id),
            kind=HANDLING,
            due_at=deadline.at,
            payload={"report_id": report.report_id},
            provisional=deadline.provisional,
            period=period,
        ),
        session=session,
    )


class PracticeTimers:
    """The clocks of reports that nobody has handled in time."""

    def __init__(
        self, db: Database, *, reports: PracticeStore, audit: AuditLog, now: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._reports = reports
        self._audit = audit
        self._now = now
        self.handlers: dict[str, Handler] = {HANDLING: self._strike}

    async def begin(self) -> None:
        """Nothing to set: every report sets its own."""

    async def _strike(self, timer: Timer) -> None:
        async def work(session: Session) -> None:
            # Whoever acted meanwhile has moved or cleared it, in that transaction.
            if not await is_set(self._db, timer, session=session):
                return
            report = await self._reports.get(timer.payload["report_id"], session=session)
            if report.waiting_since is None or report.overdue_at is not None:
                return
            step = Step(did="overdue", at=self._now(), by_role=SERVICE.role)
            late = replace(report, overdue_at=timer.due_at, steps=(*report.steps, step))
            await self._reports.change(late, session=session)
            entry = Entry(
                action="practice-report.overdue",
                about_kind="practice-report",
                about_id=report.report_id,
                who=SERVICE,
                details={"state": report.state},
            )
            await self._audit.record(entry, session=session)

        await transact(self._db, work)


def _period(report: Report) -> Period | None:
    since = report.waiting_since
    if since is None:
        return None
    day = city_date(since)
    return Period(day, _days(report.state, handling_on(day)))


def _days(state: State, limits: HandlingLimits) -> int:
    if state == "opinion_asked":
        return limits.opinion
    return limits.decision if state == "undecided" else limits.review


def _name(report_id: str) -> str:
    return f"{HANDLING}:{report_id}"
