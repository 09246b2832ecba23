"""The school year of 市教育局 in the sample city: days without school, and hours of it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from chinese_calendar import is_workday

SCHOOL_YEAR: Final = "2025-2026"
TERM: Final = (date(2026, 3, 2), date(2026, 6, 26))
"""The first and the last day of lessons in the spring term."""

Break = tuple[str, date, date]

_YEAR: Final = (date(2025, 9, 1), date(2026, 8, 31))
_AUTUMN: Final = ("autumn", date(2025, 11, 13), date(2025, 11, 14))
BREAKS: Final[Mapping[str, tuple[Break, ...]]] = {
    "preschool": (
        ("winter", date(2026, 1, 24), date(2026, 3, 1)),
        ("summer", date(2026, 6, 27), date(2026, 8, 31)),
    ),
    "compulsory": (
        _AUTUMN,
        ("winter", date(2026, 1, 31), date(2026, 3, 1)),
        ("spring", date(2026, 4, 7), date(2026, 4, 8)),
        ("summer", date(2026, 7, 1), date(2026, 8, 31)),
    ),
    "senior_secondary": (
        _AUTUMN,
        ("winter", date(2026, 2, 7), date(2026, 3, 1)),
        ("spring", date(2026, 4, 7), date(2026, 4, 7)),
        ("summer", date(2026, 7, 4), date(2026, 8, 31)),
    ),
}

HOURS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "compulsory": (("08:00:00", "11:30:00"), ("13:10:00", "15:50:00")),
    "senior_secondary": (("07:40:00", "11:40:00"), ("13:40:00", "16:30:00")),
}
"""When schools teach from Monday to Friday; kindergartens have no such table."""


def hours_of(stage: str) -> dict[str, object]:
    """Return the school hours of a stage as they are loaded."""
    first, _ = _YEAR
    periods = [
        {"weekday": weekday, "start": start, "end": end}
        for weekday in range(1, 6)
        for start, end in HOURS[stage]
    ]
    return {
        "stage": stage,
        "tables": [{"since": first.isoformat(), "periods": periods}],
        "basis": "示例：2025-2026学年作息时间表",
    }


def calendar_of(stage: str) -> dict[str, object]:
    """Return the school year of a stage as it is loaded."""
    first, last = _YEAR
    return {
        "stage": stage,
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "breaks": [
            {"kind": kind, "first_day": begin.isoformat(), "last_day": end.isoformat()}
            for kind, begin, end in BREAKS[stage]
        ],
        "basis": "示例：2025-2026学年校历",
    }


def days_between(first: date, last: date) -> list[date]:
    """Return every day from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def open_to_subjects(day: date, stage: str) -> bool:
    """Tell whether schools of a stage work on a day: then subject classes may be held after it."""
    return is_workday(day) and not any(begin <= day <= end for _, begin, end in BREAKS[stage])
