"""National working days and deadlines counted in them.

The State Council announces each year's rest days and adjusted workdays. A year whose notice is not
loaded gives a weekday estimate, marked ``provisional``: nothing irreversible may rest on it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import chinese_calendar

from shared.city_time import CITY_TIME

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayKind:
    """Whether people work on a day, and whether that is only an estimate."""

    working: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """One year's notice as data: rest days on weekdays, workdays on weekends."""

    rest_days: frozenset[date]
    workdays: frozenset[date]


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a period of working days has passed: the midnight in the city after its last day."""

    at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar as loaded: the library's years, and notices that came after its release."""

    notices: Mapping[int, Notice] = field(default_factory=dict)

    def kind_of(self, day: date) -> DayKind:
        """Return whether a day is a working day by the State Council's notice of its year."""
        notice = self.notices.get(day.year)
        if notice is not None:
            weekday = day.weekday() < _SATURDAY
            working = (weekday or day in notice.workdays) and day not in notice.rest_days
            return DayKind(working=working, provisional=False)
        try:
            return DayKind(working=chinese_calendar.is_workday(day), provisional=False)
        except NotImplementedError:
            return DayKind(working=day.weekday() < _SATURDAY, provisional=True)

    def deadline(self, start: date, *, days: int) -> Deadline:
        """Return the end of the last of so many working days; the day it begins on is not counted.

        The day on which a period begins is left out, as in 民法典 art. 201; ``days`` is at least 1.
        """
        if days < 1:
            raise ValueError("A period has at least one working day.")
        day, left, provisional = start, days, False
        while left:
            day += timedelta(days=1)
            kind = self.kind_of(day)
            provisional = provisional or kind.provisional
            left -= kind.working
        return Deadline(end_of(day), provisional)


def end_of(day: date) -> datetime:
    """Return the midnight that ends a city day."""
    return datetime.combine(day + timedelta(days=1), time(), CITY_TIME)


def load(path: Path | None) -> WorkingDays:
    """Return the calendar with the notices of a file, or the library's alone.

    The file is JSON, ``{"2027": {"rest_days": ["2027-01-01"], "workdays": ["2027-02-20"]}}``:
    weekdays that are free, weekend days that are worked. A date of another year is a
    ``ValueError``.
    """
    if path is None:
        return WorkingDays()
    years: dict[str, dict[str, list[str]]] = json.loads(path.read_text())
    return WorkingDays({int(year): _notice(int(year), days) for year, days in years.items()})


def _notice(year: int, days: Mapping[str, list[str]]) -> Notice:
    rest, work = (
        frozenset(date.fromisoformat(day) for day in days[kind])
        for kind in ("rest_days", "workdays")
    )
    if strangers := sorted(day for day in rest | work if day.year != year):
        raise ValueError(f"The notice of {year} names {strangers[0]}.")
    return Notice(rest, work)
