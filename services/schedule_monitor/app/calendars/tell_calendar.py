"""Tell the others what years and school years are, where that differs from what they were told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.schedule_monitor.domain.calendars.calendar import CityCalendar
from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.school_calendar import SchoolCalendar
from services.schedule_monitor.domain.session import Stage
from services.schedule_monitor.store.calendars.announced import AnnouncedStore
from services.schedule_monitor.store.states import SCHOOL_YEARS, YEARS
from shared.mongo import Session


async def tell_years(
    years: Iterable[int],
    calendars: Calendars,
    *,
    announced: AnnouncedStore,
    now: datetime,
    session: Session,
) -> None:
    """Tell the days of some years, of those whose notice is loaded."""
    known = calendars.city.known_years()
    for year in sorted(set(years) & set(known)):
        content = _year(year, calendars.city)
        await announced.tell(YEARS, str(year), content, now=now, session=session)


async def tell_school_years(
    which: Iterable[tuple[str, Stage]],
    calendars: Calendars,
    *,
    announced: AnnouncedStore,
    now: datetime,
    session: Session,
) -> None:
    """Tell some school years with their breaks and hours, of those that are loaded."""
    wanted = set(which)
    for calendar in calendars.schools:
        if (calendar.school_year, calendar.stage) in wanted:
            identifier = f"{calendar.school_year}-{calendar.stage}"
            content = _school_year(calendar, calendars)
            await announced.tell(SCHOOL_YEARS, identifier, content, now=now, session=session)


def _year(year: int, city: CityCalendar) -> dict[str, Any]:
    notice = city.notice_of(year)
    assert notice is not None  # noqa: S101 - the year is known
    return {
        "year": year,
        "notice": notice.reference,
        "published_on": notice.published_on,
        "days": [
            {"date": day.on, "kind": day.kind, "working": day.working, "banking": day.banking}
            for day in city.unusual_days(year)
        ],
    }


def _school_year(calendar: SchoolCalendar, calendars: Calendars) -> dict[str, Any]:
    hours = calendars.hours_of(calendar.school_year, calendar.stage)
    return {
        "school_year": calendar.school_year,
        "stage": calendar.stage,
        "first_day": calendar.first_day,
        "last_day": calendar.last_day,
        "breaks": [
            {
                "kind": one.kind,
                "first_day": one.first_day,
                "last_day": one.last_day,
                "reason": one.reason or None,
            }
            for one in calendar.breaks
        ],
        "hours": [
            {
                "since": table.since,
                "periods": [
                    {
                        "weekday": one.weekday,
                        "start": one.start.isoformat(),
                        "end": one.end.isoformat(),
                    }
                    for one in table.periods
                ],
            }
            for table in ([] if hours is None else hours.tables)
        ],
        "basis": calendar.basis,
    }
