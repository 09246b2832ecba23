"""Decide single days against or beside the year's notice, all together or none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import ClassVar

from services.schedule_monitor.app.calendars.calendar_changed import (
    CalendarChange,
    CalendarOffice,
    calendar_changed,
)
from services.schedule_monitor.domain.calendars.calendar import CityCalendar
from services.schedule_monitor.domain.calendars.holiday_law import festival_on
from services.schedule_monitor.domain.calendars.overrides import Override
from shared.audit.log import Entry, Who
from shared.errors import Conflict, Refusal, Rejected
from shared.mongo import Session, transact


class CalendarYearUnknown(Conflict):
    """A single day is decided against a notice, which has to be there."""

    code: ClassVar[str] = "calendar-year-unknown"
    title: ClassVar[str] = "该年放假通知尚未载入"


class StatutoryHolidayStays(Rejected):
    """A statutory holiday is free by law; no decision of the city changes that."""

    code: ClassVar[str] = "statutory-holiday-stays"
    title: ClassVar[str] = "法定节假日不得改为工作日"


def refusal_of(override: Override, city: CityCalendar) -> Refusal | None:
    """Return why a day cannot be decided by the calendar as it is, or nothing."""
    if city.day(override.on).kind is None:
        return CalendarYearUnknown(f"{override.on.year}年的放假通知尚未载入，请先载入。")
    if override.change == "workday" and festival_on(override.on) is not None:
        return StatutoryHolidayStays(f"{override.on.isoformat()}是法定节假日，不得改为上班。")
    return None


async def override_days(
    overrides: Sequence[Override], *, who: Who, office: CalendarOffice
) -> list[Override]:
    """Make each the current version of its day, where it says anything new."""

    async def work(session: Session) -> list[Override]:
        city = (await office.desk.calendars(session=session)).city
        known = await office.national.overrides(session=session)
        result, changed = [], []
        for place, override in enumerate(overrides):
            if (against := refusal_of(override, city)) is not None:
                fields = [(f"/overrides/{place}/date", str(against))]
                raise type(against)(str(against), fields=fields)
            before = known.get(override.on)
            if before is not None and before.says_the_same_as(override):
                result.append(before)
                continue
            new = replace(override, version=1 if before is None else before.version + 1)
            await office.national.put_override(new, now=office.now(), session=session)
            result.append(new)
            changed.append(new)
        if changed:
            await calendar_changed(_change(changed, who), office=office, session=session)
        return result

    return await transact(office.db, work)


def _change(changed: Sequence[Override], who: Who) -> CalendarChange:
    days: list[date] = [one.on for one in changed]
    return CalendarChange(
        cause=f"calendar-override:{min(days).isoformat()}:v{changed[0].version}",
        entries=tuple(_entry(one, who) for one in changed),
        years={day.year for day in days},
    )


def _entry(override: Override, who: Who) -> Entry:
    return Entry(
        action="calendar_day.decided",
        about_kind="calendar_day",
        about_id=override.on.isoformat(),
        who=who,
        why=override.reason,
        details={
            "version": override.version,
            "change": override.change,
            "banking": override.banking,
        },
    )
