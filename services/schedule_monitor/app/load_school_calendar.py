"""Load a school year of one stage; whatever was judged without it or by another is judged again."""

from dataclasses import dataclass, replace

from services.schedule_monitor.domain.school_calendar import SchoolCalendar
from services.schedule_monitor.store.school_calendars import SchoolCalendarStore
from services.schedule_monitor.store.timetables import TimetableStore
from shared.audit.log import AuditLog, Entry, Who
from shared.mongo import Database, Session, transact


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolDesk:
    """What loading a school year needs."""

    db: Database
    schools: SchoolCalendarStore
    timetables: TimetableStore
    audit: AuditLog


async def load_school_calendar(
    calendar: SchoolCalendar, *, who: Who, desk: SchoolDesk
) -> tuple[SchoolCalendar, bool]:
    """Make a calendar the current version of its year and stage; a repeat changes nothing."""

    async def work(session: Session) -> tuple[SchoolCalendar, bool]:
        year, stage = calendar.school_year, calendar.stage
        known = await desk.schools.latest(year, stage, session=session)
        if known is not None and known.says_the_same_as(calendar):
            return known, False
        loaded = replace(calendar, version=1 if known is None else known.version + 1)
        await desk.schools.add(loaded, session=session)
        cause = f"school-calendar:{year}/{stage}:v{loaded.version}"
        await desk.timetables.mark_all(stage=stage, cause=cause, session=session)
        await desk.audit.record(_loaded(loaded, who), session=session)
        return loaded, True

    return await transact(desk.db, work)


def _loaded(calendar: SchoolCalendar, who: Who) -> Entry:
    return Entry(
        action="school_calendar.loaded",
        about_kind="school_calendar",
        about_id=f"{calendar.school_year}/{calendar.stage}",
        who=who,
        details={"version": calendar.version, "breaks": len(calendar.breaks)},
    )
