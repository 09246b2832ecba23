"""Load a school year of one stage; whatever was judged without it or by another is judged again."""

from dataclasses import replace
from typing import ClassVar

from services.schedule_monitor.app.calendar_changed import (
    CalendarChange,
    CalendarOffice,
    calendar_changed,
)
from services.schedule_monitor.domain.school_calendar import SchoolCalendar
from shared.audit.log import Entry, Who
from shared.errors import NotFound
from shared.mongo import Session, transact


class SchoolCalendarNotFound(NotFound):
    """No calendar of this school year is loaded."""

    code: ClassVar[str] = "school-calendar-not-found"
    title: ClassVar[str] = "没有载入该学年的校历"


async def load_school_calendar(
    calendar: SchoolCalendar, *, who: Who, office: CalendarOffice
) -> tuple[SchoolCalendar, bool]:
    """Make a calendar the current version of its year and stage; a repeat changes nothing."""
    year, stage = calendar.school_year, calendar.stage

    async def work(session: Session) -> tuple[SchoolCalendar, bool]:
        known = await office.schools.latest(year, stage, session=session)
        if known is not None and known.says_the_same_as(calendar):
            return known, False
        loaded = replace(calendar, version=1 if known is None else known.version + 1)
        await put_school_calendar(loaded, entry=_loaded(loaded, who), office=office, at=session)
        return loaded, True

    return await transact(office.db, work)


async def put_school_calendar(
    loaded: SchoolCalendar, *, entry: Entry, office: CalendarOffice, at: Session
) -> None:
    """Make a version current with all that follows, in the caller's transaction."""
    year, stage = loaded.school_year, loaded.stage
    await office.schools.add(loaded, session=at)
    change = CalendarChange(
        cause=f"school-calendar:{year}/{stage}:v{loaded.version}",
        entries=(entry,),
        stage=stage,
        school_years=((year, stage),),
    )
    await calendar_changed(change, office=office, session=at)


def _loaded(loaded: SchoolCalendar, who: Who) -> Entry:
    return Entry(
        action="school_calendar.loaded",
        about_kind="school_calendar",
        about_id=f"{loaded.school_year}/{loaded.stage}",
        who=who,
        details={"version": loaded.version, "breaks": len(loaded.breaks)},
    )
