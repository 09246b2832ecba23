"""What reports of practice are worked on with, and what every change of one brings with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from services.schedule_monitor.app.practices.practice_clock import moved_clock
from services.schedule_monitor.domain.practices.practice import Report, Step
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.practices import PracticeStore
from shared.access.tokens import Caller
from shared.audit.log import AuditLog, Entry, Who
from shared.city_time import month_of
from shared.clock import milliseconds
from shared.mongo import Database, Session, transact
from shared.working_days import WorkingDays


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeDesk:
    """What reports of practice are worked on with."""

    db: Database
    reports: PracticeStore
    institutions: InstitutionReplica
    audit: AuditLog
    calendar: WorkingDays


@dataclass(frozen=True, slots=True)
class Doing:
    """One step: what is done, by whom, when by the service's clock, and why."""

    did: str
    who: Who
    now: datetime
    reason: str | None = None

    @classmethod
    def by(cls, did: str, caller: Caller, now: datetime, reason: str | None = None) -> "Doing":
        """Return what the bearer of a token does, at a moment as the store keeps it."""
        return cls(did, Who.of(caller), milliseconds(now), reason)

    def step(self) -> Step:
        """Return the step as the report keeps it."""
        return Step(
            did=self.did,
            at=self.now,
            by_role=self.who.role,
            by_office=self.who.office,
            reason=self.reason,
        )


async def change_report(
    report_id: str, change: Callable[[Report], Report], doing: Doing, *, desk: PracticeDesk
) -> tuple[Report, bool]:
    """Change a report in one transaction; what changes nothing is a repeat, and leaves no trace."""

    async def work(session: Session) -> tuple[Report, bool]:
        before = await desk.reports.get(report_id, session=session)
        after = await changed(before, change(before), doing, desk=desk, session=session)
        return after, after is not before

    return await transact(desk.db, work)


async def changed(
    before: Report, after: Report, doing: Doing, *, desk: PracticeDesk, session: Session
) -> Report:
    """Write what has become of a report, with the step that led there; nothing where it is same."""
    if after == before:
        return before
    after = replace(after, steps=(*after.steps, doing.step()))
    if after.waiting_since != before.waiting_since:
        # The next step has a clock of its own; that the last one was late stays in the steps.
        after = replace(after, overdue_at=None)
    await desk.reports.change(after, session=session)
    await keep(after, doing, desk=desk, session=session)
    return after


async def keep(report: Report, doing: Doing, *, desk: PracticeDesk, session: Session) -> None:
    """Set the report's clock, have its subject judged again, and write the audit row."""
    told = report.told
    await moved_clock(report, db=desk.db, calendar=desk.calendar, session=session)
    await desk.reports.judge_again(
        told,
        month=month_of(min(one.first_on for one in (told, *report.former))),
        cause=f"practice:{report.report_id}:{len(report.steps)}",
        session=session,
    )
    entry = Entry(
        action=f"practice-report.{doing.did}",
        about_kind="practice-report",
        about_id=report.report_id,
        who=doing.who,
        why=doing.reason,
        details={
            "practice": told.practice,
            "source": told.source,
            "institution": told.institution_id,
            "platform": told.platform,
            "version": report.version,
            "state": report.state,
        },
    )
    await desk.audit.record(entry, session=session)
