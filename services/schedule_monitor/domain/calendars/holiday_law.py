"""全国年节及纪念日放假办法: the holidays of all citizens, in each version of the law."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar

from shared.rules import Article
from shared.working_days import Notice, NoticeWrong

_SATURDAY = 5
_DOCUMENT = "全国年节及纪念日放假办法"
VERSION_OF_2013: Final = Article(
    _DOCUMENT, "第二条（2013年12月11日修订）", "L", date(2014, 1, 1), date(2025, 1, 1)
)
VERSION_OF_2024: Final = Article(_DOCUMENT, "第二条（2024年11月10日修订）", "L", date(2025, 1, 1))

# Gregorian dates of lunar festivals: 正月初一, 五月初五, 八月十五. The calendar library knows solar
# terms and not lunar months; these are facts of the sky, as published, and end where they end.
_LUNAR: Final[dict[int, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]]] = {
    2021: ((2, 12), (6, 14), (9, 21)),
    2022: ((2, 1), (6, 3), (9, 10)),
    2023: ((1, 22), (6, 22), (9, 29)),
    2024: ((2, 10), (6, 10), (9, 17)),
    2025: ((1, 29), (5, 31), (10, 6)),
    2026: ((2, 17), (6, 19), (9, 25)),
    2027: ((2, 6), (6, 9), (9, 15)),
    2028: ((1, 26), (5, 28), (10, 3)),
    2029: ((2, 13), (6, 16), (9, 22)),
    2030: ((2, 3), (6, 5), (9, 12)),
    2031: ((1, 23), (6, 24), (10, 1)),
    2032: ((2, 11), (6, 12), (9, 19)),
    2033: ((1, 31), (6, 1), (9, 8)),
    2034: ((2, 19), (6, 20), (9, 27)),
    2035: ((2, 8), (6, 10), (9, 16)),
}
KNOWN_YEARS: Final = frozenset(_LUNAR)


@dataclass(frozen=True, slots=True)
class Festival:
    """One statutory holiday of all citizens, and the version of the law that makes it one."""

    name: str
    law: Article


def law_on(day: date) -> Article:
    """Return the version of the law in force on a day since 2014."""
    return VERSION_OF_2024 if VERSION_OF_2024.applies_on(day) else VERSION_OF_2013


def festival_on(day: date) -> Festival | None:
    """Return the statutory holiday on a day of a known year, whatever weekday it is."""
    name = festivals_of(day.year).get(day)
    return None if name is None else Festival(name, law_on(day))


def refuse_against_law(year: int, notice: Notice) -> None:
    """Refuse a notice of a known year that lets people work on a statutory holiday."""
    days = sorted(festivals_of(year))
    if worked := [day for day in days if day in notice.workdays]:
        raise NoticeWrong("workdays", f"{worked[0]} 是法定节假日，不得列为工作日")
    if missing := [
        day for day in days if day.weekday() < _SATURDAY and day not in notice.rest_days
    ]:
        raise NoticeWrong("rest_days", f"漏列法定节假日 {missing[0]}")


@lru_cache(maxsize=32)
def festivals_of(year: int) -> dict[date, str]:
    """Return every statutory holiday of a year; an unknown year is a ``KeyError``."""
    found: dict[date, str] = {}
    for name, day in _days(year):
        found[day] = f"{found[day]}、{name}" if day in found else name
    return found


def _days(year: int) -> list[tuple[str, date]]:
    spring, dragon_boat, mid_autumn = (date(year, *found) for found in _LUNAR[year])
    days = [
        ("元旦", date(year, 1, 1)),
        *((f"春节（正月初{n}）", spring + timedelta(days=i)) for i, n in enumerate("一二三")),
        ("清明节", _qingming(year)),
        ("劳动节", date(year, 5, 1)),
        ("端午节", dragon_boat),
        ("中秋节", mid_autumn),
        *(("国庆节", date(year, 10, day)) for day in (1, 2, 3)),
    ]
    if VERSION_OF_2024.applies_on(date(year, 1, 1)):
        days += [
            ("春节（除夕）", spring - timedelta(days=1)),
            ("劳动节（5月2日）", date(year, 5, 2)),
        ]
    return days


def _qingming(year: int) -> date:
    terms = chinese_calendar.get_solar_terms(date(year, 4, 3), date(year, 4, 7))
    day: date = next(day for day, name in terms if name == "清明")
    return day
