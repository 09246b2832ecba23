"""School years and their breaks, per stage: no notice of the State Council names them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from services.schedule_monitor.domain.session import Stage

BreakKind = Literal["winter", "summer", "spring", "autumn", "adhoc"]
MOST_BREAKS: Final = 60
LONGEST_YEAR_DAYS: Final = 400
BREAK_NAMES: Final[dict[BreakKind, str]] = {
    "winter": "寒假",
    "summer": "暑假",
    "spring": "春假",
    "autumn": "秋假",
    "adhoc": "临时停课",
}


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """Days without school, the first and the last included; closures have a reason."""

    first_day: date
    last_day: date
    kind: BreakKind
    reason: str = ""

    def includes(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolCalendar:
    """One school year of one stage, its first and last day included; ``version`` counts from 1."""

    school_year: str
    stage: Stage
    version: int
    first_day: date
    last_day: date
    breaks: tuple[Break, ...]
    basis: str

    def covers(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    def says_the_same_as(self, other: "SchoolCalendar") -> bool:
        """Tell whether only the version differs."""
        return self.content == other.content

    @property
    def content(self) -> tuple[object, ...]:
        return (
            self.school_year,
            self.stage,
            self.first_day,
            self.last_day,
            self.breaks,
            self.basis,
        )


Misfit = tuple[str, Break | None, str]
"""A field of a calendar or of one of its breaks, and what is wrong with it."""


def misfits(calendar: SchoolCalendar) -> list[Misfit]:
    """Return what does not fit together: two years that follow, and breaks within them."""
    first, second = (int(year) for year in calendar.school_year.split("-"))
    if second != first + 1:
        return [("school_year", None, "学年须是相邻的两个年份")]
    found: list[Misfit] = []
    if calendar.first_day.year != first:
        found.append(("first_day", None, f"学年首日须在{first}年"))
    if calendar.last_day.year != second:
        found.append(("last_day", None, f"学年末日须在{second}年"))
    if (calendar.last_day - calendar.first_day).days >= LONGEST_YEAR_DAYS:
        found.append(("last_day", None, f"一个学年不得超过{LONGEST_YEAR_DAYS}天"))
    for one in calendar.breaks:
        if one.first_day < calendar.first_day:
            found.append(("first_day", one, "假期须在学年之内"))
        elif one.last_day > calendar.last_day:
            found.append(("last_day", one, "假期须在学年之内"))
    return found


@dataclass(frozen=True, slots=True)
class SchoolDay:
    """What the loaded school years say of a day: whether they cover it, and its breaks."""

    covered: bool
    breaks: tuple[Break, ...] = ()


def school_day(calendars: Iterable[SchoolCalendar], stage: Stage, on: date) -> SchoolDay:
    """Return what the school years of a stage say of a day."""
    covering = [one for one in calendars if one.stage == stage and one.covers(on)]
    breaks = {found for one in covering for found in one.breaks if found.includes(on)}
    return SchoolDay(bool(covering), tuple(sorted(breaks)))
