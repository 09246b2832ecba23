"""What kind of day a day is: statutory, in lieu, weekend or work, and by which notice and law."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

from services.schedule_monitor.domain.calendars.holiday_law import (
    KNOWN_YEARS,
    Festival,
    festival_on,
    law_on,
)
from services.schedule_monitor.domain.calendars.notices import (
    IN_THE_NEXT,
    KNOWN_NOTICES,
    LoadedNotice,
    Notice,
)
from services.schedule_monitor.domain.calendars.overrides import Override
from shared.working_days import DayKind, WorkingDays, may_stand_in_the_next

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
    """A day as the national calendar has it; without a kind where its notice is not loaded.

    ``working`` is whether people work, ``banking`` whether banks book for companies.
    """

    on: date
    kind: Kind | None
    why: str
    working: bool | None = None
    banking: bool | None = None
    festival: Festival | None = None
    notice: Notice | None = None
    caveat: str | None = None
    override: Override | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the day is what its weekday makes it."""
        weekday = self.on.weekday() < _SATURDAY
        plain: Kind = "ordinary_weekday" if weekday else "ordinary_weekend"
        return (self.kind, self.working, self.banking) == (plain, weekday, weekday)


def named(day: date) -> str:
    """Return a day with its weekday, as people read it."""
    return f"{day.isoformat()}（星期{_WEEKDAYS[day.weekday()]}）"


@dataclass(frozen=True, slots=True)
class CityCalendar:
    """The national calendar, only of years whose notice is loaded.

    ``loaded`` are notices that came after the library's release, by year; ``overrides`` what was
    decided for single days.
    """

    loaded: Mapping[int, LoadedNotice] = field(default_factory=dict)
    overrides: Mapping[date, Override] = field(default_factory=dict)
    _announced: WorkingDays = field(init=False, repr=False, compare=False)
    # A day is asked for by every class on it and around it; those of known years are few.
    _days: dict[date, CityDay] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        announced = WorkingDays({year: one.days for year, one in self.loaded.items()})
        object.__setattr__(self, "_announced", announced)

    def day(self, on: date) -> CityDay:
        """Return what a day is, and why; never a guess."""
        found = self._days.get(on)
        if found is None:
            found = self._day(on)
            if found.kind is not None:
                self._days[on] = found
        return found

    def _day(self, on: date) -> CityDay:
        notice = self._notice_that_arranges(on)
        if notice is None or on.year not in KNOWN_YEARS:
            return CityDay(on=on, kind=None, why=_not_loaded(on))
        festival = festival_on(on)
        override = self.overrides.get(on)
        announced = festival is None and self._announced.kind_of(on).working
        working = announced if override is None else override.works(announced)
        why = _why(on, _kind(on, festival, working=announced), festival, notice)
        return CityDay(
            on=on,
            kind=_kind(on, festival, working=working),
            why=why if override is None else f"{why}{override.said}",
            working=working,
            banking=working if override is None else override.banks(working),
            festival=festival,
            notice=notice,
            caveat=self._caveat(on),
            override=override,
        )

    def kind_of(self, on: date) -> DayKind:
        """Return whether a day is worked; of a year without notice an estimate by the weekday."""
        return _or_estimated(on, self.day(on).working)

    def banking_kind_of(self, on: date) -> DayKind:
        """Return whether banks book on a day; of a year without notice an estimate."""
        return _or_estimated(on, self.day(on).banking)

    def notice_of(self, year: int) -> Notice | None:
        """Return the notice of a year, where it is loaded."""
        loaded = self.loaded.get(year)
        return KNOWN_NOTICES.get(year) if loaded is None else loaded.notice

    def known_years(self) -> list[int]:
        """Return the years whose days are told."""
        return sorted({*KNOWN_NOTICES, *self.loaded} & KNOWN_YEARS)

    def unusual_days(self, year: int) -> list[CityDay]:
        """Return the days of a known year that are not what their weekday makes them."""
        days = (self.day(on) for on in _days_of(year))
        return [day for day in days if not day.is_plain]

    def _notice_that_arranges(self, on: date) -> Notice | None:
        following = self.loaded.get(on.year + 1)
        if following is not None and following.days.names(on):
            return following.notice
        return self.notice_of(on.year + 1 if on in IN_THE_NEXT else on.year)

    def _caveat(self, on: date) -> str | None:
        if not may_stand_in_the_next(on) or self.notice_of(on.year + 1) is not None:
            return None
        return f"{on.year + 1}年放假通知尚未载入，元旦假期的安排可能改变本日。"


def _days_of(year: int) -> Iterable[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))


def _or_estimated(on: date, known: bool | None) -> DayKind:  # noqa: FBT001 - what is known of a day
    if known is None:
        return DayKind(working=on.weekday() < _SATURDAY, provisional=True)
    return DayKind(working=known, provisional=False)


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
