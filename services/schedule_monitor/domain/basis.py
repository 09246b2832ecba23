"""What some days are judged by, in which version, so that a later look can tell what changed."""

import hashlib
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.session import STAGE_NAMES, Stage, Stated
from shared.city_time import month_of

_SHORT: Final = 12
_MOST_MONTHS: Final = 24


@dataclass(frozen=True, slots=True)
class Reach:
    """The calendar months some classes lie in, as ``2026-03``, and their stages."""

    months: tuple[str, ...]
    stages: frozenset[Stage]

    @classmethod
    def of(cls, sessions: Iterable[Stated]) -> "Reach":
        """Return the reach of some classes: of a plan over decades, the first two years."""
        found = list(sessions)
        months = sorted({month_of(one.on) for one in found})[:_MOST_MONTHS]
        return cls(tuple(months), frozenset(one.stage for one in found))

    def meets(self, first: date, last: date) -> bool:
        return any(month_of(first) <= month <= month_of(last) for month in self.months)


def basis_of(calendars: Calendars, reach: Reach) -> dict[str, str]:
    """Return what days within reach are judged by, by its name as people read it.

    Notices count by what they make of the days: a notice that is loaded and changes none of them
    is no news.
    """
    found = {"政策开关": _digest(repr(calendars.policies))}
    for month in reach.months:
        kinds = [calendars.city.day(day).kind for day in _days_of(month)]
        found[f"{month}放假安排"] = _digest(repr(kinds))
    for school in calendars.schools:
        if school.stage in reach.stages and reach.meets(school.first_day, school.last_day):
            name = f"{school.school_year}学年{STAGE_NAMES[school.stage]}"
            found[f"{name}校历"] = f"第{school.version}版"
            for hours in calendars.hours:
                if (hours.school_year, hours.stage) == (school.school_year, school.stage):
                    found[f"{name}在校时间"] = f"第{hours.version}版"
    return found


def _days_of(month: str) -> Iterator[date]:
    year, number = (int(part) for part in month.split("-"))
    for day in range(1, monthrange(year, number)[1] + 1):
        yield date(year, number, day)


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:_SHORT]
