"""National working days and deadlines counted in them.

The State Council announces each year's rest days and adjusted workdays. A year whose notice is not
loaded gives a weekday estimate, marked ``provisional``: nothing irreversible may rest on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import chinese_calendar
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.city_time import CITY_TIME

_SATURDAY = 5
_LONGEST_DAYS = 1_000


class CalendarUnreadable(ValueError):
    """The file with newer notices cannot be used; the message says in one line why."""


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
        if not 1 <= days <= _LONGEST_DAYS:
            raise ValueError(f"A period has 1 to {_LONGEST_DAYS} working days, not {days}.")
        day, left, provisional = start, days, False
        while left:
            day += timedelta(days=1)
            kind = self.kind_of(day)
            provisional = provisional or kind.provisional
            left -= kind.working
        return Deadline(end_of(day), provisional)


def start_of(day: date) -> datetime:
    """Return the midnight with which a city day begins."""
    return datetime.combine(day, time(), CITY_TIME)


def end_of(day: date) -> datetime:
    """Return the midnight that ends a city day."""
    return datetime.combine(day + timedelta(days=1), time(), CITY_TIME)


class _Days(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rest_days: frozenset[date] = Field(max_length=366)
    workdays: frozenset[date] = Field(max_length=366)


_FILE = TypeAdapter(dict[int, _Days])


def load(path: Path | None) -> WorkingDays:
    """Return the calendar with the notices of a file, or the library's alone.

    The file is JSON, ``{"2027": {"rest_days": ["2027-01-01"], "workdays": ["2027-02-20"]}}``:
    days that are free (weekend days may be among them), weekend days that are worked. Whatever else
    it holds is ``CalendarUnreadable``: a wrong calendar would move every deadline in silence.
    """
    if path is None:
        return WorkingDays()
    try:
        years = _FILE.validate_json(path.read_bytes(), strict=True)
    except OSError as error:
        raise CalendarUnreadable(f"日历文件 {path} 无法读取：{error.strerror}") from error
    except ValidationError as error:
        raise CalendarUnreadable(f"日历文件 {path} 有误：{_first_of(error)}") from error
    try:
        return WorkingDays({year: _notice(year, days) for year, days in years.items()})
    except ValueError as error:
        raise CalendarUnreadable(f"日历文件 {path} 有误：{error}") from error


def _first_of(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = "/".join(map(str, first["loc"]))
    return f"{place or '全文'}：{first['msg']}"


def _notice(year: int, days: _Days) -> Notice:
    if strangers := sorted(day for day in days.rest_days | days.workdays if day.year != year):
        raise ValueError(f"{year} 年的通知中有 {strangers[0]}")
    if twice := sorted(days.rest_days & days.workdays):
        raise ValueError(f"{twice[0]} 既是休息日又是工作日")
    if plain := sorted(day for day in days.workdays if day.weekday() < _SATURDAY):
        raise ValueError(f"{plain[0]} 不是周末，不必列为工作日")
    return Notice(days.rest_days, days.workdays)
