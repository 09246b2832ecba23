"""Load school years, stage by stage; whatever was judged without or by others is judged again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from services.schedule_monitor.app.calendars.calendar_changed import (
    CalendarChange,
    CalendarOffice,
    calendar_changed,
)
from services.schedule_monitor.domain.calendars.school_calendar import SchoolCalendar
from shared.audit.log import Entry, Who
from shared.errors import NotFound
from shared.mongo import Session, transact


class SchoolCalendarNotFound(NotFound):
    """No calendar of this school year is loaded."""

    code: ClassVar[str] = "school-calendar-not-found"
    title: ClassVar[str] = "没有载入该学年的校历"


async def load_school_calendars(
    calendars: Sequence[SchoolCalendar], *, who: Who, office: CalendarOffice
) -> tuple[list[SchoolCalendar], bool]:
    """Make each the current version of its year and stage, all or none; a repeat changes nothing.

    Tells whether any of them is new.
    """

    async def work(session: Session) -> tuple[list[SchoolCalendar], bool]:
        result, new = [], False
        for calendar in calendars:
            year, stage = calendar.school_year, calendar.stage
            known = await office.schools.latest(year, stage, session=session)
            if known is not None and known.says_the_same_as(calendar):
                result.append(known)
                continue
            loaded = replace(calendar, version=1 if known is None else known.version + 1)
            await put_school_calendar(loaded, entry=_loaded(loaded, who), office=office, at=session)
            result.append(loaded)
            new = True
        return result, new

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
