"""National working days. A year whose notice is not loaded gives a weekday estimate, marked so."""

from dataclasses import dataclass
from datetime import date

import chinese_calendar

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayKind:
    """Whether people work on a day, and whether that is only an estimate."""

    working: bool
    provisional: bool


def kind_of(day: date) -> DayKind:
    """Return whether a day is a working day by the State Council's notice of its year."""
    try:
        return DayKind(working=chinese_calendar.is_workday(day), provisional=False)
    except NotImplementedError:
        return DayKind(working=day.weekday() < _SATURDAY, provisional=True)
