"""What follows when anything that days are judged by has changed, in the same transaction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from services.schedule_monitor.app.calendars.calendar_desk import CalendarDesk
from services.schedule_monitor.app.calendars.tell_calendar import tell_school_years, tell_years
from services.schedule_monitor.domain.session import Stage
from services.schedule_monitor.store.basis import BasisStore
from services.schedule_monitor.store.calendars.announced import AnnouncedStore
from services.schedule_monitor.store.calendars.national_calendar import NationalCalendarStore
from services.schedule_monitor.store.calendars.school_calendars import SchoolCalendarStore
from services.schedule_monitor.store.calendars.school_hours import SchoolHoursStore
from services.schedule_monitor.store.calendars.switches import SwitchStore
from services.schedule_monitor.store.timetables.timetables import TimetableStore
from shared.audit.log import AuditLog, Entry
from shared.mongo import Database, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarOffice:
    """What those who keep the calendars work with."""

    db: Database
    desk: CalendarDesk
    national: NationalCalendarStore
    schools: SchoolCalendarStore
    hours: SchoolHoursStore
    switches: SwitchStore
    timetables: TimetableStore
    announced: AnnouncedStore
    basis: BasisStore
    audit: AuditLog
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChange:
    """A change: its name, its records, the stage it is about, and what is told of it.

    ``years`` are those whose days may be others now, ``school_years`` the years with their stage.
    """

    cause: str
    entries: tuple[Entry, ...]
    stage: Stage | None = None
    years: Iterable[int] = ()
    school_years: Iterable[tuple[str, Stage]] = ()


async def calendar_changed(
    change: CalendarChange, *, office: CalendarOffice, session: Session
) -> None:
    """Have everybody concerned judged again, tell the others, and keep who did it."""
    await office.basis.renew(session=session)
    await office.timetables.mark_all(stage=change.stage, cause=change.cause, session=session)
    calendars = await office.desk.calendars(session=session)
    now = office.now()
    await tell_years(change.years, calendars, announced=office.announced, now=now, session=session)
    await tell_school_years(
        change.school_years, calendars, announced=office.announced, now=now, session=session
    )
    await office.audit.record(*change.entries, session=session)
