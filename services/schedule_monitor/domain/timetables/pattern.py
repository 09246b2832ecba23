"""Weekly patterns: one class that comes back every week, and the days it comes to."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar, Final, Self

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.school_calendar import school_day
from services.schedule_monitor.domain.session import Stage, Stated
from services.schedule_monitor.domain.timetables.timetable import (
    MOST_SESSIONS_OF_A_FILING,
    TooManySessions,
)
from shared.errors import Rejected

LONGEST_PATTERN_DAYS: Final = 400
"""More than a school year: a pattern is of a term."""
_WEEK: Final = 7

DayOff = Callable[[date], bool]


class PatternRefused(Rejected):
    """A weekly pattern that cannot be expanded, for what stands in one field of it."""

    field: ClassVar[str]

    def of(self, place: int) -> Self:
        """Return the refusal as one of that pattern among others."""
        pointer = f"/patterns/{place}/{self.field}"
        return type(self)(str(self), fields=[(pointer, str(self))])


class NothingLeft(PatternRefused):
    """A weekly pattern comes to no day at all."""

    code = "pattern-without-days"
    title = "周课表在起止日期内没有任何一天上课"
    field = "last_day"


class ExceptionNotInPattern(PatternRefused):
    """An exception names a day on which the pattern holds no class anyway."""

    code = "exception-not-in-pattern"
    title = "例外日期不是该周课表的上课日"
    field = "exceptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyPattern:
    """One class a week on a weekday (1 Monday to 7 Sunday), both end days included.

    ``first`` states the class as it is held on ``first.on``, which is the term's first day and
    need not be of that weekday. ``skip_days_off`` leaves out statutory holidays, weekdays off and
    the school's breaks as they are loaded; weekends stay, for a pattern on Saturdays means them.
    """

    first: Stated
    weekday: int
    last_day: date
    skip_days_off: bool = False
    exceptions: frozenset[date] = field(default_factory=frozenset)

    def days(self, is_off: DayOff) -> list[date]:
        """Return the days of the pattern in order."""
        first, last = self.first.on.toordinal(), self.last_day.toordinal()
        ahead = (self.weekday - self.first.on.isoweekday()) % _WEEK
        found = [date.fromordinal(day) for day in range(first + ahead, last + 1, _WEEK)]
        if strangers := self.exceptions.difference(found):
            stranger = min(strangers).isoformat()
            raise ExceptionNotInPattern(f"{stranger}不是该周课表的上课日，不能作为例外。")
        kept = (day for day in found if day not in self.exceptions)
        return [day for day in kept if not (self.skip_days_off and is_off(day))]

    def sessions(self, is_off: DayOff) -> list[Stated]:
        """Return the classes of the pattern; refuse one that comes to none."""
        days = self.days(is_off)
        if not days:
            raise NothingLeft(
                f"{self.first.class_group}：{self.first.on.isoformat()}至"
                f"{self.last_day.isoformat()}没有可上课的日期。"
            )
        return [replace(self.first, on=day) for day in days]


def day_off(calendars: Calendars, stage: Stage) -> DayOff:
    """Return what tells days off of a stage: free by notice, or in a break of its schools."""

    def is_off(on: date) -> bool:
        if calendars.city.day(on).kind in ("statutory_holiday", "in_lieu_rest_day"):
            return True
        breaks = school_day(calendars.schools, stage, on).breaks
        return bool(breaks) or calendars.is_childrens_day(stage, on)

    return is_off


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What somebody plans as they say it: single classes, and classes that come back weekly."""

    singles: tuple[Stated, ...] = ()
    patterns: tuple[WeeklyPattern, ...] = ()

    def sessions(self, calendars: Calendars) -> tuple[Stated, ...]:
        """Return all classes: the single ones, then those of one pattern after the other."""
        found = list(self.singles)
        for place, pattern in enumerate(self.patterns):
            try:
                found += pattern.sessions(day_off(calendars, pattern.first.stage))
            except PatternRefused as refused:
                raise refused.of(place) from None
            if len(found) > MOST_SESSIONS_OF_A_FILING:
                break
        if len(found) > MOST_SESSIONS_OF_A_FILING:
            raise TooManySessions(
                f"一次报送至多{MOST_SESSIONS_OF_A_FILING}节课；请按年级或班级分为多份课表。"
            )
        return tuple(found)
