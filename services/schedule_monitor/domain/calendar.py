"""What kind of day a day is: statutory, in lieu, weekend or work, and by which notice and law."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from services.schedule_monitor.domain.holiday_law import KNOWN_YEARS, Festival, festival_on, law_on
from services.schedule_monitor.domain.notices import (
    KNOWN_NOTICES,
    Notice,
    may_stand_in_the_next,
    notice_year,
    supplied,
)

Kind = Literal[
    "statutory_holiday",
    "in_lieu_rest_day",
    "ordinary_weekend",
    "adjusted_workday",
    "ordinary_weekday",
]
_WEEKDAYS: Final = "一二三四五六日"
_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CityDay:
    """A day as the national calendar has it; without a kind where its notice is not loaded."""

    on: date
    kind: Kind | None
    why: str
    festival: Festival | None = None
    notice: Notice | None = None
    caveat: str | None = None


def named(day: date) -> str:
    """Return a day with its weekday, as people read it."""
    return f"{day.isoformat()}（星期{_WEEKDAYS[day.weekday()]}）"


@dataclass(frozen=True, slots=True)
class CityCalendar:
    """The national calendar, only of years whose notice is loaded.

    ``is_worked`` tells whether people work on a day of such a year, ``supplied_years`` the years
    whose notices were loaded as data.
    """

    is_worked: Callable[[date], bool]
    supplied_years: frozenset[int] = frozenset()

    def day(self, on: date) -> CityDay:
        """Return what a day is, and why; never a guess."""
        notice = self.notice_of(notice_year(on))
        if notice is None or on.year not in KNOWN_YEARS:
            return CityDay(on=on, kind=None, why=_not_loaded(on))
        festival = festival_on(on)
        kind = _kind(on, festival, working=self.is_worked(on))
        return CityDay(
            on=on,
            kind=kind,
            why=_why(on, kind, festival, notice),
            festival=festival,
            notice=notice,
            caveat=self._caveat(on),
        )

    def notice_of(self, year: int) -> Notice | None:
        """Return the notice of a year, where it is loaded."""
        if year in self.supplied_years:
            return supplied(year)
        return KNOWN_NOTICES.get(year)

    def _caveat(self, on: date) -> str | None:
        if not may_stand_in_the_next(on) or self.notice_of(on.year + 1) is not None:
            return None
        return f"{on.year + 1}年放假通知尚未载入，元旦假期的安排可能改变本日。"


def _kind(on: date, festival: Festival | None, *, working: bool) -> Kind:
    if festival is not None:
        return "statutory_holiday"
    if on.weekday() >= _SATURDAY:
        return "adjusted_workday" if working else "ordinary_weekend"
    return "ordinary_weekday" if working else "in_lieu_rest_day"


def _why(on: date, kind: Kind, festival: Festival | None, notice: Notice) -> str:
    if festival is not None:
        return (
            f"{named(on)}是{festival.name}，属《{festival.law.document}》"
            f"{festival.law.clause}规定的全体公民放假的节日。"
        )
    words: dict[Kind, str] = {
        "in_lieu_rest_day": f"不是法定节假日，由{notice.reference}安排补假或调休放假",
        "ordinary_weekend": f"是周末休息日；按{notice.reference}不上班，按放假办法也不是法定节假日",
        "adjusted_workday": f"虽是周末，由{notice.reference}安排调休上班",
        "ordinary_weekday": f"是普通工作日；{notice.reference}未安排放假",
    }
    law = law_on(on)
    return f"{named(on)}{words[kind]}（{law.document}{law.clause}）。"


def _not_loaded(on: date) -> str:
    return f"{named(on)}：尚未载入{on.year}年国务院放假通知，不能判定当日性质。"
