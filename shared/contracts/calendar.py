"""What schedule_monitor tells the others of the calendar. Owner: 市教育局."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.base import Channel, Contract
from shared.contracts.registry import Stage, Version

Year = Annotated[int, Field(ge=2000, le=2100)]
ChineseText = Annotated[str, Field(min_length=1, max_length=200)]
DayKind = Literal[
    "statutory_holiday",
    "in_lieu_rest_day",
    "ordinary_weekend",
    "adjusted_workday",
    "ordinary_weekday",
]
BreakKind = Literal["winter", "summer", "spring", "autumn", "adhoc"]


class CalendarDay(Contract):
    """A day that is not what its weekday makes it."""

    date: date
    kind: DayKind
    working: bool
    banking: Annotated[
        bool, Field(description="Whether banks book for companies; a proposal on worked weekends.")
    ]


class CalendarYear(Contract):
    """The national calendar of a year, by its notice; a higher version replaces a lower one.

    Days that are not named are working and banking days from Monday to Friday, and none of both on
    weekends. A year that was never told has no notice yet.
    """

    year: Year
    version: Version
    notice: Annotated[ChineseText, Field(description="The State Council's notice, as it is cited.")]
    published_on: date | None = None
    days: Annotated[list[CalendarDay], Field(max_length=366)]


class SchoolBreak(Contract):
    """Days without school, the first and the last included."""

    kind: BreakKind
    first_day: date
    last_day: date
    reason: Annotated[str, Field(max_length=200)] | None = None


class SchoolPeriod(Contract):
    """When schools teach on a weekday, in city wall time; 1 is Monday."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    start: time
    end: time


class SchoolWeek(Contract):
    """The periods of a week from a day on, until the next ones begin."""

    since: date
    periods: Annotated[list[SchoolPeriod], Field(max_length=70)]


class SchoolYear(Contract):
    """The school year of a stage with its breaks and hours; a higher version replaces a lower."""

    school_year: Annotated[str, Field(pattern=r"^20[0-9]{2}-20[0-9]{2}$")]
    stage: Stage
    version: Version
    first_day: date
    last_day: date
    breaks: Annotated[list[SchoolBreak], Field(max_length=200)]
    hours: Annotated[
        list[SchoolWeek], Field(max_length=20, description="Empty while no hours are loaded.")
    ]
    basis: ChineseText


CALENDAR_YEAR = Channel(
    "state.schedule.calendar-year.v1.{year}",
    "SCHEDULE_STATE",
    CalendarYear,
    service="schedule_monitor",
)
SCHOOL_YEAR = Channel(
    "state.schedule.school-year.v1.{school_year}",
    "SCHEDULE_STATE",
    SchoolYear,
    service="schedule_monitor",
)
CHANNELS = (CALENDAR_YEAR, SCHOOL_YEAR)
