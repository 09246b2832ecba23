"""Close schools for some days at short notice, as in a typhoon: of some stages, or of all."""

from collections.abc import Collection
from dataclasses import replace
from typing import ClassVar

from services.schedule_monitor.app.calendar_changed import CalendarOffice
from services.schedule_monitor.app.load_school_calendars import (
    SchoolCalendarNotFound,
    put_school_calendar,
)
from services.schedule_monitor.domain.school_calendar import MOST_BREAKS, Break, SchoolCalendar
from services.schedule_monitor.domain.session import STAGE_NAMES, Stage
from shared.audit.log import Entry, Who
from shared.errors import Rejected
from shared.mongo import Session, transact


class ClosureRefused(Rejected):
    """A closure lies within the loaded school year of each stage."""

    code: ClassVar[str] = "closure-refused"
    title: ClassVar[str] = "不能登记该临时停课"


async def close_schools(
    closure: Break,
    *,
    school_year: str,
    stages: Collection[Stage],
    who: Who,
    office: CalendarOffice,
) -> tuple[list[SchoolCalendar], bool]:
    """Add a closure to the calendars of some stages; where it stands already nothing changes."""

    async def work(session: Session) -> tuple[list[SchoolCalendar], bool]:
        result, new = [], False
        for stage in sorted(stages):
            known = await office.schools.latest(school_year, stage, session=session)
            if known is None:
                raise SchoolCalendarNotFound(f"{school_year}学年没有载入{STAGE_NAMES[stage]}校历。")
            closed = _closed(known, closure)
            if closed is not known:
                entry = _entry(closed, closure, who)
                await put_school_calendar(closed, entry=entry, office=office, at=session)
                new = True
            result.append(closed)
        return result, new

    return await transact(office.db, work)


def _closed(known: SchoolCalendar, closure: Break) -> SchoolCalendar:
    if closure in known.breaks:
        return known
    for name in ("first_day", "last_day"):
        if not known.covers(getattr(closure, name)):
            told = f"停课日期须在{STAGE_NAMES[known.stage]}的学年之内。"
            raise ClosureRefused(told, fields=[(f"/{name}", told)])
    if len(known.breaks) >= MOST_BREAKS:
        raise ClosureRefused(f"一个学年最多{MOST_BREAKS}段假期和停课。")
    breaks = tuple(sorted((*known.breaks, closure)))
    return replace(known, breaks=breaks, version=known.version + 1)


def _entry(closed: SchoolCalendar, closure: Break, who: Who) -> Entry:
    return Entry(
        action="schools.closed",
        about_kind="school_calendar",
        about_id=f"{closed.school_year}/{closed.stage}",
        who=who,
        why=closure.reason,
        details={
            "version": closed.version,
            "first_day": closure.first_day.isoformat(),
            "last_day": closure.last_day.isoformat(),
        },
    )
