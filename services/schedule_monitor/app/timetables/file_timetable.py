"""File a timetable: its classes are judged, and held against the version before."""

from dataclasses import dataclass
from datetime import datetime

from services.schedule_monitor.app.calendars.calendar_desk import CalendarDesk
from services.schedule_monitor.app.timetables.check_timetable import CheckDesk, quote
from services.schedule_monitor.app.timetables.judge_timetables import judge_timetables
from services.schedule_monitor.app.timetables.surroundings import SurroundingsDesk
from services.schedule_monitor.domain.judge import Judged
from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.domain.timetables.diff import Diff, diff
from services.schedule_monitor.domain.timetables.pattern import Plan
from services.schedule_monitor.domain.timetables.receipt import Quoted, digest_of
from services.schedule_monitor.domain.timetables.timetable import (
    Filing,
    OtherLabel,
    Timetable,
    accept,
)
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.timetables.timetables import TimetableStore
from shared.audit.log import AuditLog, Entry, Who
from shared.ids import new_id
from shared.mongo import Database, Session, transact


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableDesk:
    """What filing and reading timetables need."""

    db: Database
    timetables: TimetableStore
    institutions: InstitutionReplica
    calendars: CalendarDesk
    surroundings: SurroundingsDesk
    checks: CheckDesk
    audit: AuditLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A filing as it came; ``receipt`` is the check it quotes."""

    institution_id: str
    label: str
    version: int
    plan: Plan
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class FiledTimetable:
    """A timetable with its classes as they are judged now, and how it came about."""

    timetable: Timetable
    registered: Registered
    judged: list[Judged]
    diff: Diff | None = None
    quoted: Quoted | None = None


async def file_timetable(
    filed: Filed, *, who: Who, desk: TimetableDesk, now: datetime
) -> tuple[FiledTimetable, bool]:
    """File a timetable and have its institution judged; a repeat returns what was filed."""
    registered = await desk.institutions.get(filed.institution_id)
    filing = await filing_of(filed, desk)
    told = None
    if filing.receipt is not None:
        told = await quote(filing.receipt, filing.institution_id, filing.sessions, desk=desk.checks)
    timetable, found, new = await keep_filing(filing, who=who, desk=desk, now=now)
    judged = await _judged(timetable, registered, desk)
    return FiledTimetable(timetable, registered, judged, found, told), new


async def keep_filing(
    filing: Filing, *, who: Who, desk: TimetableDesk, now: datetime
) -> tuple[Timetable, Diff | None, bool]:
    """Keep a filing and mark its institution; tell what it changes and whether it is new."""
    timetable_id = new_id()

    async def work(session: Session) -> tuple[Timetable, Diff | None]:
        timetable, latest = await _accepted(filing, timetable_id, desk, session)
        if timetable.timetable_id != timetable_id:
            return timetable, await _since_previous(timetable, desk)
        found = None
        if latest is not None:
            found = await desk.checks.computing.run(diff, latest.filing.sessions, filing.sessions)
        await desk.timetables.add(timetable, now=now, session=session)
        await desk.audit.record(_entry(timetable, found, who), session=session)
        return timetable, found

    timetable, found = await transact(desk.db, work)
    return timetable, found, timetable.timetable_id == timetable_id


async def would_be_kept(filing: Filing, *, desk: TimetableDesk) -> None:
    """Raise the refusal that a filing would meet as things stand; nothing is kept."""

    async def work(session: Session) -> None:
        await _accepted(filing, new_id(), desk, session)

    await transact(desk.db, work)


async def _accepted(
    filing: Filing, timetable_id: str, desk: TimetableDesk, session: Session
) -> tuple[Timetable, Timetable | None]:
    """Return the timetable of a filing, and the latest of its label before."""
    place = (filing.institution_id, filing.label)
    known = await desk.timetables.of_version(*place, filing.version, session=session)
    latest = await desk.timetables.latest(*place, session=session)
    elsewhere = await desk.timetables.sessions_elsewhere(*place, session=session)
    timetable = accept(
        filing, timetable_id=timetable_id, known=known, latest=latest, elsewhere=elsewhere
    )
    return timetable, latest


async def read_timetable(timetable_id: str, *, desk: TimetableDesk) -> FiledTimetable:
    """Return a timetable with its classes judged by what is loaded now."""
    timetable = await desk.timetables.get(timetable_id)
    registered = await desk.institutions.get(timetable.filing.institution_id)
    judged = await _judged(timetable, registered, desk)
    return FiledTimetable(timetable, registered, judged)


async def compare_timetables(
    timetable: Timetable, against: str | None, *, desk: TimetableDesk
) -> tuple[str | None, Diff]:
    """Compare a timetable with another of its label, by default with the one before it."""
    other = against or timetable.previous
    if other is None:
        return None, diff((), timetable.filing.sessions)
    before = await desk.timetables.get(other)
    if before.filing.place != timetable.filing.place:
        raise OtherLabel("只能与同一机构同一名称课表的其他版本比较。")
    found = await desk.checks.computing.run(diff, before.filing.sessions, timetable.filing.sessions)
    return other, found


async def filing_of(filed: Filed, desk: TimetableDesk) -> Filing:
    """Return what is filed: its patterns as classes by the calendars of the moment."""
    plan = filed.plan
    calendars = await desk.calendars.calendars()
    return Filing(
        institution_id=filed.institution_id,
        label=filed.label,
        version=filed.version,
        sessions=await desk.checks.computing.run(plan.sessions, calendars),
        plan=digest_of(plan.singles, plan.patterns) if plan.patterns else None,
        receipt=filed.receipt,
    )


async def _since_previous(timetable: Timetable, desk: TimetableDesk) -> Diff | None:
    if timetable.previous is None:
        return None
    before = await desk.timetables.get(timetable.previous)
    return await desk.checks.computing.run(diff, before.filing.sessions, timetable.filing.sessions)


async def _judged(
    timetable: Timetable, registered: Registered, desk: TimetableDesk
) -> list[Judged]:
    # Gaps are measured across an institution's timetables, but only within a day.
    days = [stated.on for stated in timetable.filing.sessions]
    together = [timetable]
    if timetable.current and days:
        together = await desk.timetables.current_of(
            registered.institution_id, between=(min(days), max(days))
        )
    if timetable.timetable_id not in {one.timetable_id for one in together}:
        together = [timetable]
    calendars = await desk.calendars.calendars()
    surroundings = await desk.surroundings.of(registered.institution_id)
    judged = await desk.checks.computing.run(
        judge_timetables, together, registered, calendars, surroundings
    )
    return judged[timetable.timetable_id]


def _entry(timetable: Timetable, found: Diff | None, who: Who) -> Entry:
    filing = timetable.filing
    return Entry(
        action="timetable.filed",
        about_kind="timetable",
        about_id=timetable.timetable_id,
        who=who,
        details={
            "institution": filing.institution_id,
            "version": filing.version,
            "sessions": len(filing.sessions),
            "receipt": filing.receipt,
            **({} if found is None else found.counts),
        },
    )
