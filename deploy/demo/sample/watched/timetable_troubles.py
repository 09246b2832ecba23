"""The classes that should not be there: which institutions plan them, and when."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from deploy.demo.sample.model import Institution
from deploy.demo.sample.watched.model import Lesson
from deploy.demo.sample.watched.school_year import BREAKS, days_between


class TimetableTrouble(StrEnum):
    """What is wrong with some of an institution's classes."""

    LATE = "late"
    LATE_ONLINE = "late_online"
    LONG_ONLINE = "long_online"
    NO_GAP = "no_gap"
    REST_DAYS = "rest_days"
    HOLIDAY = "holiday"
    WINTER = "winter"
    SPRING = "spring"
    SUMMER = "summer"
    PRESCHOOL_ONLINE = "preschool_online"


_HOW_MANY: Final = {
    TimetableTrouble.REST_DAYS: 3,
    TimetableTrouble.HOLIDAY: 2,
    TimetableTrouble.WINTER: 1,
    TimetableTrouble.SPRING: 1,
    TimetableTrouble.SUMMER: 1,
    TimetableTrouble.PRESCHOOL_ONLINE: 1,
    TimetableTrouble.LATE: 4,
    TimetableTrouble.LATE_ONLINE: 2,
    TimetableTrouble.LONG_ONLINE: 2,
    TimetableTrouble.NO_GAP: 2,
}
TROUBLED_GROUPS: Final = frozenset({"晚班", "网课班", "加课班", "启蒙网课"})
"""The class groups of the classes that should not be there, and of nobody else's."""
_CORRECTED = 3
_OF_SUBJECTS = frozenset(
    {
        TimetableTrouble.REST_DAYS,
        TimetableTrouble.HOLIDAY,
        TimetableTrouble.WINTER,
        TimetableTrouble.SPRING,
        TimetableTrouble.SUMMER,
    }
)
_WEEK = timedelta(days=7)

Spoil = Callable[[Random, Institution], list[Lesson]]


def spoiled(
    rng: Random, institutions: Sequence[Institution]
) -> Mapping[Institution, TimetableTrouble]:
    """Choose the institutions with a trouble, each with one."""
    chosen: dict[Institution, TimetableTrouble] = {}
    for trouble, count in _HOW_MANY.items():
        pool = [each for each in institutions if each not in chosen and _may_have(each, trouble)]
        chosen |= dict.fromkeys(rng.sample(pool, min(count, len(pool))), trouble)
    return chosen


def corrected_ones(
    rng: Random, institutions: Sequence[Institution]
) -> Mapping[Institution, list[Lesson]]:
    """Choose the institutions that first file classes which they then leave out."""
    chosen = rng.sample(institutions, _CORRECTED)
    return {each: _late(rng, each) for each in chosen}


def _may_have(institution: Institution, trouble: TimetableTrouble) -> bool:
    if trouble in _OF_SUBJECTS:
        return institution.kind == "subject"
    if trouble is TimetableTrouble.PRESCHOOL_ONLINE:
        return "preschool" in institution.stages
    return True


def _stage(institution: Institution) -> str:
    """Return a stage of school age: no sample institution is without one."""
    return next(each for each in institution.stages if each != "preschool")


def _lessons(
    days: Iterable[date], times: Sequence[tuple[str, str]], *, group: str, stage: str, mode: str
) -> list[Lesson]:
    return [
        {
            "date": day.isoformat(),
            "start": start,
            "end": end,
            "class_group": group,
            "stage": stage,
            "mode": mode,
        }
        for day in days
        for start, end in times
    ]


def _weekly(rng: Random, *, weeks: int) -> list[date]:
    """Return the same weekday of some weeks between two holidays, when every school works."""
    first = date(2026, 5, 11) + timedelta(days=rng.randrange(5))
    return [first + n * _WEEK for n in range(weeks)]


def _late(rng: Random, institution: Institution) -> list[Lesson]:
    """Classes before the final examinations that end a quarter of an hour too late."""
    times = [("19:15:00", "20:45:00")]
    days = _weekly(rng, weeks=5)
    return _lessons(days, times, group="晚班", stage=_stage(institution), mode="offline")


def _online(*times: tuple[str, str]) -> Spoil:
    def plan(rng: Random, institution: Institution) -> list[Lesson]:
        days = _weekly(rng, weeks=4)
        return _lessons(days, times, group="网课班", stage=_stage(institution), mode="online")

    return plan


def _on(*days: date) -> Spoil:
    """Return subject classes in the morning of days on which none may be held."""

    def plan(_rng: Random, institution: Institution) -> list[Lesson]:
        times = [("09:00:00", "10:30:00")]
        return _lessons(days, times, group="加课班", stage=_stage(institution), mode="offline")

    return plan


def _in_break(kind: str, *, last_of: int) -> Spoil:
    """Return subject classes on the last or first working days of a break of the stage."""

    def plan(rng: Random, institution: Institution) -> list[Lesson]:
        [(begin, end)] = [
            (begin, end) for each, begin, end in BREAKS[_stage(institution)] if each == kind
        ]
        days = [day for day in days_between(begin, end) if day.weekday() < 5]  # noqa: PLR2004
        chosen = days[-last_of:] if kind == "winter" else days[:last_of]
        return _on(*chosen)(rng, institution)

    return plan


def _before_school_age(rng: Random, _institution: Institution) -> list[Lesson]:
    times = [("18:30:00", "19:00:00")]
    days = _weekly(rng, weeks=3)
    return _lessons(days, times, group="启蒙网课", stage="preschool", mode="online")


SPOILS: Final[Mapping[TimetableTrouble, Spoil]] = {
    TimetableTrouble.LATE: _late,
    TimetableTrouble.LATE_ONLINE: _online(("20:40:00", "21:10:00")),
    TimetableTrouble.LONG_ONLINE: _online(("19:00:00", "19:40:00")),
    TimetableTrouble.NO_GAP: _online(("19:00:00", "19:30:00"), ("19:35:00", "20:05:00")),
    TimetableTrouble.REST_DAYS: _on(*(date(2026, 6, day) for day in (6, 7, 13, 14))),
    TimetableTrouble.HOLIDAY: _on(*days_between(date(2026, 5, 1), date(2026, 5, 5))),
    TimetableTrouble.WINTER: _in_break("winter", last_of=3),
    TimetableTrouble.SPRING: _in_break("spring", last_of=2),
    TimetableTrouble.SUMMER: _in_break("summer", last_of=5),
    TimetableTrouble.PRESCHOOL_ONLINE: _before_school_age,
}
