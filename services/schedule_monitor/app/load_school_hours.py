"""Load the school hours of one stage in one school year; its classes are judged again."""

from dataclasses import replace
from typing import ClassVar

from services.schedule_monitor.app.calendar_changed import (
    CalendarChange,
    CalendarOffice,
    calendar_changed,
)
from services.schedule_monitor.app.load_school_calendar import SchoolCalendarNotFound
from services.schedule_monitor.domain.school_hours import SchoolHours
from shared.audit.log import Entry, Who
from shared.errors import Rejected
from shared.mongo import Session, transact


class HoursOutsideSchoolYear(Rejected):
    """Hours are those of a school year, and begin within it."""

    code: ClassVar[str] = "hours-outside-school-year"
    title: ClassVar[str] = "作息时间表的起始日不在学年之内"


async def load_school_hours(
    hours: SchoolHours, *, who: Who, office: CalendarOffice
) -> tuple[SchoolHours, bool]:
    """Make hours the current version of their year and stage; a repeat changes nothing."""
    year, stage = hours.school_year, hours.stage

    async def work(session: Session) -> tuple[SchoolHours, bool]:
        calendar = await office.schools.latest(year, stage, session=session)
        if calendar is None:
            raise SchoolCalendarNotFound(f"{year}学年没有载入该学段的校历，请先载入校历。")
        for table in hours.tables:
            if not calendar.covers(table.since):
                raise HoursOutsideSchoolYear(
                    f"{table.since.isoformat()}不在{calendar.first_day.isoformat()}"
                    f"至{calendar.last_day.isoformat()}之内。"
                )
        known = await office.hours.latest(year, stage, session=session)
        if known is not None and known.says_the_same_as(hours):
            return known, False
        new = replace(hours, version=1 if known is None else known.version + 1)
        await office.hours.put(new, now=office.now(), session=session)
        change = CalendarChange(
            cause=f"school-hours:{year}/{stage}:v{new.version}",
            entries=(_entry(new, who),),
            stage=stage,
            school_years=((year, stage),),
        )
        await calendar_changed(change, office=office, session=session)
        return new, True

    return await transact(office.db, work)


def _entry(hours: SchoolHours, who: Who) -> Entry:
    return Entry(
        action="school_hours.loaded",
        about_kind="school_hours",
        about_id=f"{hours.school_year}/{hours.stage}",
        who=who,
        details={"version": hours.version, "tables": len(hours.tables)},
    )
