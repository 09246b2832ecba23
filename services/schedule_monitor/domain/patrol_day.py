"""The classes of a day of many institutions, judged together: one plan of columns for a town."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

import polars as pl

from services.schedule_monitor.domain.calendars import Calendars
from services.schedule_monitor.domain.day_facts import day_facts
from services.schedule_monitor.domain.facts import with_facts
from services.schedule_monitor.domain.frames import frame_of
from services.schedule_monitor.domain.judge import Judged, judged_in
from services.schedule_monitor.domain.near_limits import NearFound, near_limits_in
from services.schedule_monitor.domain.session import Session
from services.schedule_monitor.domain.surroundings import Surroundings


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
    frame = with_facts(_frame(planned), day_of, unit=pl.col("institution"))
    placed = [(session, beside) for sessions, beside in planned for session in sessions]
    judged = judged_in(frame, placed, day_of, calendars.policies)
    near = near_limits_in(frame, [session for session, _ in placed])
    found = _classes(judged, near)
    return [[next(found) for _ in sessions] for sessions, _ in planned]


def _frame(planned: Sequence[tuple[Sequence[Session], Surroundings]]) -> pl.DataFrame:
    """Return all classes; the number of the institution keeps its teachers and rooms its own."""
    return pl.concat(
        [
            frame_of(sessions, beside).with_columns(
                pl.lit(number, dtype=pl.Int32).alias("institution")
            )
            for number, (sessions, beside) in enumerate(planned)
            if sessions
        ]
    )


def _classes(judged: Sequence[Judged], near: dict[int, list[NearFound]]) -> Iterator[DayClass]:
    for row, one in enumerate(judged):
        yield DayClass(one, tuple(near.get(row, ())))
