"""National working days and deadlines counted in them.

The State Council announces each year's rest days and adjusted workdays. A year whose notice is not
loaded gives a weekday estimate, marked ``provisional``: nothing irreversible may rest on it. What
schedule_monitor tells of a year goes before all else (``shared/calendar_years``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

import chinese_calendar

from shared.city_time import CITY_TIME

_SATURDAY = 5
_LONGEST_DAYS = 1_000
# A New Year block may begin in the year before: its days stand in the next year's notice.
_NEW_YEAR_BLOCK_REACHES = (12, 25)


@dataclass(frozen=True, slots=True)
class DayKind:
    """Whether people work on a day, and whether that is only an estimate."""

    working: bool
    provisional: bool


class NoticeWrong(ValueError):
    """Days that no notice can hold; ``field`` is where they stand, the message says why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, slots=True)
class Notice:
    """One year's notice as data: rest days on weekdays, workdays on weekends.

    ``unlike_banks`` are days on which banks do not as everybody does.
    """

    rest_days: frozenset[date]
    workdays: frozenset[date]
    unlike_banks: frozenset[date] = frozenset()

    def names(self, day: date) -> bool:
        """Tell whether the notice says anything of a day."""
        return day in self.rest_days or day in self.workdays

    def works_on(self, day: date) -> bool:
        """Tell whether people work on a day that the notice arranges."""
        weekday = day.weekday() < _SATURDAY
        return (weekday or day in self.workdays) and day not in self.rest_days


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a period of working days has passed: the midnight in the city after its last day."""

    at: datetime
    provisional: bool


@dataclass(slots=True)
class WorkingDays:
    """The calendar as loaded: the library's years, and notices that came after its release.

    A process has one, which it learns from while it runs: ``changes`` counts how often.
    """

    notices: Mapping[int, Notice] = field(default_factory=dict)
    learned: Mapping[int, Notice] = field(default_factory=dict, init=False)
    changes: int = field(default=0, init=False, compare=False)

    def learn(self, notices: Mapping[int, Notice]) -> None:
        """Go by these years from now on, before the file's and the library's."""
        self.learned = dict(notices)
        self.changes += 1

    def kind_of(self, day: date) -> DayKind:
        """Return whether a day is a working day by the State Council's notice of its year."""
        notice = self._notice_of(day)
        if notice is not None:
            return DayKind(working=notice.works_on(day), provisional=False)
        try:
            return DayKind(working=chinese_calendar.is_workday(day), provisional=False)
        except NotImplementedError:
            return DayKind(working=day.weekday() < _SATURDAY, provisional=True)

    def is_banking_day(self, day: date) -> bool:
        """Tell whether banks book for companies on a day: on working days, unless told otherwise.

        On worked weekend days banks announce whether they do; that they do is a proposal (``P``).
        """
        return self.banking_kind_of(day).working

    def banking_kind_of(self, day: date) -> DayKind:
        """Return whether a day is a banking day, and whether that is only an estimate."""
        notice, kind = self._notice_of(day), self.kind_of(day)
        unlike = notice is not None and day in notice.unlike_banks
        return replace(kind, working=kind.working != unlike)

    def deadline(self, start: date, *, days: int) -> Deadline:
        """Return the end of the last of so many working days; the day it begins on is not counted.

        The day on which a period begins is left out, as in 民法典 art. 201; ``days`` is at least 1.
        """
        return deadline_by(self.kind_of, start, days=days)

    def _notice_of(self, day: date) -> Notice | None:
        own = self.learned.get(day.year)
        if own is None and may_stand_in_the_next(day):
            following = self.notices.get(day.year + 1)
            if following is not None and following.names(day):
                return following
        return own or self.notices.get(day.year)


def deadline_by(kind_of: Callable[[date], DayKind], start: date, *, days: int) -> Deadline:
    """Return the end of the last of so many days that are worked by a calendar."""
    if not 1 <= days <= _LONGEST_DAYS:
        raise ValueError(f"A period has 1 to {_LONGEST_DAYS} working days, not {days}.")
    day, left, provisional = start, days, False
    while left:
        day += timedelta(days=1)
        kind = kind_of(day)
        provisional = provisional or kind.provisional
        left -= kind.working
    return Deadline(end_of(day), provisional)


def may_stand_in_the_next(day: date) -> bool:
    """Tell whether a day lies where the next year's notice may reach back."""
    return (day.month, day.day) >= _NEW_YEAR_BLOCK_REACHES


def start_of(day: date) -> datetime:
    """Return the midnight with which a city day begins."""
    return datetime.combine(day, time(), CITY_TIME)


def end_of(day: date) -> datetime:
    """Return the midnight that ends a city day."""
    return datetime.combine(day + timedelta(days=1), time(), CITY_TIME)


def checked_notice(year: int, *, rest_days: frozenset[date], workdays: frozenset[date]) -> Notice:
    """Return a year's notice; days that no notice of that year can hold are ``NoticeWrong``."""
    for name, days in (("rest_days", rest_days), ("workdays", workdays)):
        if strangers := sorted(day for day in days if not _may_hold(year, day)):
            raise NoticeWrong(name, f"{year} 年的通知中有 {strangers[0]}")
    if twice := sorted(rest_days & workdays):
        raise NoticeWrong("workdays", f"{twice[0]} 既是休息日又是工作日")
    if plain := sorted(day for day in workdays if day.weekday() < _SATURDAY):
        raise NoticeWrong("workdays", f"{plain[0]} 不是周末，不必列为工作日")
    return Notice(rest_days, workdays)


def _may_hold(year: int, day: date) -> bool:
    return day.year == year or (day.year == year - 1 and may_stand_in_the_next(day))
