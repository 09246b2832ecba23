"""Load school hours, stage by stage; the classes of these stages are judged again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import ClassVar

from services.schedule_monitor.app.calendar_changed import (
    CalendarChange,
    CalendarOffice,
    calendar_changed,
)
from services.schedule_monitor.app.load_school_calendars import SchoolCalendarNotFound
from services.schedule_monitor.domain.school_calendar import SchoolCalendar
from services.schedule_monitor.domain.school_hours import SchoolHours
from services.schedule_monitor.domain.session import STAGE_NAMES
from shared.audit.log import Entry, Who
from shared.errors import Rejected
from shared.mongo import Session, transact


class HoursOutsideSchoolYear(Rejected):
    """Hours are those of a school year, and begin within it."""

    code: ClassVar[str] = "hours-outside-school-year"
    title: ClassVar[str] = "作息时间表的起始日不在学年之内"


async def load_school_hours(
    loaded: Sequence[SchoolHours], *, who: Who, office: CalendarOffice
) -> tuple[list[SchoolHours], bool]:
    """Make each the current version of its year and stage, all or none; a repeat changes nothing.

    Tells whether any of them is new.
    """

    async def work(session: Session) -> tuple[list[SchoolHours], bool]:
        result, new = [], False
        for hours in loaded:
            await _lies_within_its_year(hours, office, session)
            known = await office.hours.latest(hours.school_year, hours.stage, session=session)
            if known is not None and known.says_the_same_as(hours):
                result.append(known)
                continue
            version = 1 if known is None else known.version + 1
            result.append(await _put(replace(hours, version=version), who, office, session))
            new = True
        return result, new

    return await transact(office.db, work)


async def _lies_within_its_year(
    hours: SchoolHours, office: CalendarOffice, session: Session
) -> None:
    calendar = await office.schools.latest(hours.school_year, hours.stage, session=session)
    if calendar is None:
        stage = STAGE_NAMES[hours.stage]
        raise SchoolCalendarNotFound(f"{hours.school_year}学年没有载入{stage}校历，请先载入校历。")
    for table in hours.tables:
        if (told := outside(calendar, table.since)) is not None:
            raise HoursOutsideSchoolYear(told, fields=[("/tables", told)])


def outside(calendar: SchoolCalendar, since: date) -> str | None:
    """Say that hours begin outside a school year, where they do."""
    if calendar.covers(since):
        return None
    return (
        f"{since.isoformat()}不在学年{calendar.first_day.isoformat()}"
        f"至{calendar.last_day.isoformat()}之内。"
    )


async def _put(new: SchoolHours, who: Who, office: CalendarOffice, session: Session) -> SchoolHours:
    year, stage = new.school_year, new.stage
    await office.hours.put(new, now=office.now(), session=session)
    change = CalendarChange(
        cause=f"school-hours:{year}/{stage}:v{new.version}",
        entries=(_entry(new, who),),
        stage=stage,
        school_years=((year, stage),),
    )
    await calendar_changed(change, office=office, session=session)
    return new


def _entry(hours: SchoolHours, who: Who) -> Entry:
    return Entry(
        action="school_hours.loaded",
        about_kind="school_hours",
        about_id=f"{hours.school_year}/{hours.stage}",
        who=who,
        details={"version": hours.version, "tables": len(hours.tables)},
    )
