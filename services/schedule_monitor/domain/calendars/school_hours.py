"""School hours: when schools of a stage teach, by weekday, from a day of the school year on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Final

from services.schedule_monitor.domain.session import Stage

MONDAY: Final = 1
PERIODS_OVERLAP: Final = "同一天的时段互相重叠"
_SATURDAY = 6


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Teaching from ``start`` until ``end`` on a weekday: 1 is Monday, 7 Sunday."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True, order=True)
class HoursFrom:
    """The periods of a week from a day on, until the next ones begin."""

    since: date
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolHours:
    """The school hours of one stage in one school year; ``version`` counts from 1."""

    school_year: str
    stage: Stage
    version: int
    tables: tuple[HoursFrom, ...]
    basis: str

    def says_the_same_as(self, other: "SchoolHours") -> bool:
        """Tell whether only the version differs."""
        return (self.tables, self.basis) == (other.tables, other.basis)

    def on(self, day: date) -> tuple[Period, ...] | None:
        """Return the periods of a day that is a school day, or ``None`` where no table tells them.

        A table that leaves out a weekday is half of one: that schools teach nothing on it is not
        concluded. On a weekend day without periods of its own, which is worked, schools teach as
        on Monday: which weekday they make up for stands in no notice (both of origin ``P``).
        """
        begun = [table for table in self.tables if table.since <= day]
        if not begun:
            return None
        periods = max(begun, key=lambda table: table.since).periods
        weekday = day.isoweekday()
        own = tuple(one for one in periods if one.weekday == weekday)
        if not own and weekday >= _SATURDAY:
            own = tuple(one for one in periods if one.weekday == MONDAY)
        return own or None


def overlapping(periods: Iterable[Period]) -> list[Period]:
    """Return the periods that begin before an earlier one of their weekday has ended."""
    order = sorted(periods)
    return [
        later
        for earlier, later in pairwise(order)
        if earlier.weekday == later.weekday and later.start < earlier.end
    ]
