"""File a timetable, and say how its classes are judged."""

from dataclasses import dataclass
from datetime import datetime

from services.schedule_monitor.app.calendar_desk import CalendarDesk
from services.schedule_monitor.app.judge_timetables import judge_timetables
from services.schedule_monitor.domain.judge import Judged
from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.domain.timetable import Filing, Timetable, accept
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.timetables import TimetableStore
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
    audit: AuditLog


@dataclass(frozen=True, slots=True)
class FiledTimetable:
    """A timetable with its classes as they are judged now."""

    timetable: Timetable
    registered: Registered
    judged: list[Judged]


async def file_timetable(
    filing: Filing, *, who: Who, desk: TimetableDesk, now: datetime
) -> tuple[FiledTimetable, bool]:
    """File a timetable and have its institution judged; a repeat returns what was filed."""
    registered = await desk.institutions.get(filing.institution_id)
    timetable_id = new_id()

    async def work(session: Session) -> Timetable:
        place = (filing.institution_id, filing.label)
        known = await desk.timetables.of_version(*place, filing.version, session=session)
        latest = await desk.timetables.latest_version(*place, session=session)
        elsewhere = await desk.timetables.sessions_elsewhere(*place, session=session)
        timetable = accept(
            filing, timetable_id=timetable_id, known=known, latest=latest, elsewhere=elsewhere
        )
        if known is None:
            await desk.timetables.add(timetable, now=now, session=session)
            await desk.audit.record(_filed(timetable, who), session=session)
        return timetable

    timetable = await transact(desk.db, work)
    return await _judged(timetable, registered, desk), timetable.timetable_id == timetable_id


async def read_timetable(timetable_id: str, *, desk: TimetableDesk) -> FiledTimetable:
    """Return a timetable with its classes judged by what is loaded now."""
    timetable = await desk.timetables.get(timetable_id)
    registered = await desk.institutions.get(timetable.filing.institution_id)
    return await _judged(timetable, registered, desk)


async def _judged(
    timetable: Timetable, registered: Registered, desk: TimetableDesk
) -> FiledTimetable:
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
    judged = judge_timetables(together, registered, calendars)
    return FiledTimetable(timetable, registered, judged[timetable.timetable_id])


def _filed(timetable: Timetable, who: Who) -> Entry:
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
        },
    )
