"""The classes of a day of many institutions, judged together: one plan of columns for a town."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

import polars as pl

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.day_facts import day_facts
from services.schedule_monitor.domain.facts import with_facts
from services.schedule_monitor.domain.frames import frame_in
from services.schedule_monitor.domain.judge import Judged, judged_in
from services.schedule_monitor.domain.patrols.near_limits import NearFound, near_limits_in
from services.schedule_monitor.domain.session import Session
from services.schedule_monitor.domain.timetables.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class DayClass:
    """A filed class of the day, what is found of it, and which limits it comes near to."""

    judged: Judged
    near: tuple[NearFound, ...]


def judge_day(
    planned: Sequence[tuple[Sequence[Session], Surroundings]], calendars: Calendars
) -> list[list[DayClass]]:
    """Judge the classes of one day, those of each institution for themselves.

    What is found of a class is what the filing, the check and the alerts find of it.
    """
    if not any(sessions for sessions, _ in planned):
        return [[] for _ in planned]
    day_of = cache(partial(day_facts, calendars=calendars))
    placed = [(session, beside) for sessions, beside in planned for session in sessions]
    # The number of the institution keeps its groups, teachers and rooms its own.
    numbers = [number for number, (sessions, _) in enumerate(planned) for _ in sessions]
    units = pl.Series("institution", numbers, dtype=pl.Int32)
    frame = with_facts(frame_in(placed).with_columns(units), day_of, unit=pl.col("institution"))
    judged = judged_in(frame, placed, day_of, calendars.policies)
    near = near_limits_in(frame, [session for session, _ in placed])
    found = _classes(judged, near)
    return [[next(found) for _ in sessions] for sessions, _ in planned]


def _classes(judged: Sequence[Judged], near: dict[int, list[NearFound]]) -> Iterator[DayClass]:
    for row, one in enumerate(judged):
        yield DayClass(one, tuple(near.get(row, ())))
