"""The timetables of the spring term: weekly patterns, class by class, as institutions file them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from deploy.demo.sample.model import City, Institution
from deploy.demo.sample.watched.model import Filing, Lesson
from deploy.demo.sample.watched.school_year import TERM, days_between, open_to_subjects
from deploy.demo.sample.watched.timetable_troubles import SPOILS, corrected_ones, spoiled

LABEL: Final = "2025-2026学年第二学期"
_SATURDAY = 5
_MADE_UP = {date(2026, 5, 9): 1}
"""A worked Saturday is taught like the Tuesday that was lost to the Labour Day holiday."""
_GROUPS = (2, 4)
_SLOTS = (1, 3)
_EVENINGS = (time(16, 30), time(17, 0), time(18, 30), time(19, 0))
_DAYTIMES = (time(8, 30), time(10, 10), time(13, 30), time(15, 10))
_OFFLINE_MINUTES = (60, 90)
"""The latest evening class ends at 20:30 to the minute, which is lawful."""
_ONLINE = (time(18, 30), time(19, 0), time(19, 50))
_ONLINE_MINUTES, _GAP_MINUTES, _ONLINE_LESSONS = 30, 10, 2
"""The latest of them ends at 21:00 to the minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """When a class group is taught in a week."""

    weekday: int
    start: time
    minutes: int


def build_filings(seed: int, city: City) -> tuple[Filing, ...]:
    """Return what is filed of the term; a corrected timetable comes in two versions."""
    # A source of its own: the fund events of a seed must not change with the timetables.
    rng = Random(f"{seed}:timetables")  # noqa: S311 - a sample must be repeatable, not secret
    filers = [each for each in city.institutions if each.registered]
    regular = {each: _regular(rng, each) for each in filers}
    troubles = spoiled(rng, filers)
    corrected = corrected_ones(rng, [each for each in filers if each not in troubles])
    filings = []
    for number, each in enumerate(filers):
        first = regular[each]
        if each in troubles:
            first = [*first, *SPOILS[troubles[each]](rng, each)]
        versions = [first]
        if each in corrected:
            versions = [[*first, *corrected[each]], first]
        filings += [
            Filing(
                institution=each,
                label=LABEL,
                version=version,
                lessons=tuple(lessons),
                by_itself=number % 2 == 0,
            )
            for version, lessons in enumerate(versions, 1)
        ]
    return tuple(filings)


def _regular(rng: Random, institution: Institution) -> list[Lesson]:
    stages = [
        each for each in institution.stages if each != "preschool" or institution.mode == "offline"
    ]
    lessons: list[Lesson] = []
    for number in range(1, rng.randint(*_GROUPS) + 1):
        stage = rng.choice(stages)
        slots = _slots(rng, institution)
        for day in days_between(*TERM):
            if institution.kind != "subject" or open_to_subjects(day, stage):
                lessons += _taught_on(day, slots, group=f"{number}班", stage=stage, of=institution)
    return lessons


def _slots(rng: Random, institution: Institution) -> list[_Slot]:
    online, subject = institution.mode == "online", institution.kind == "subject"
    weekdays = rng.sample(range(_SATURDAY if subject else 7), rng.randint(*_SLOTS))
    return [
        _Slot(
            weekday=weekday,
            start=rng.choice(
                _ONLINE if online else _EVENINGS if weekday < _SATURDAY else _DAYTIMES
            ),
            minutes=_ONLINE_MINUTES if online else rng.choice(_OFFLINE_MINUTES),
        )
        for weekday in weekdays
    ]


def _taught_on(
    day: date, slots: list[_Slot], *, group: str, stage: str, of: Institution
) -> Iterator[Lesson]:
    as_on = _MADE_UP.get(day, day.weekday()) if of.kind == "subject" else day.weekday()
    for slot in slots:
        if slot.weekday == as_on:
            start = datetime.combine(day, slot.start)
            for _ in range(_ONLINE_LESSONS if of.mode == "online" else 1):
                end = start + timedelta(minutes=slot.minutes)
                yield {
                    "date": day.isoformat(),
                    "start": start.time().isoformat(),
                    "end": end.time().isoformat(),
                    "class_group": group,
                    "stage": stage,
                }
                start = end + timedelta(minutes=_GAP_MINUTES)
