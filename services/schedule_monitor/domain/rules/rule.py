"""What a rule of this service looks like, and what its words are made from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import TypeAlias

import polars as pl

from services.schedule_monitor.domain.calendars.day_facts import DayFacts
from services.schedule_monitor.domain.rules.columns import ON
from services.schedule_monitor.domain.session import Session
from services.schedule_monitor.domain.timetables.surroundings import FiledCourse, FiledRoom
from shared.rules import Level, RuleCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A class that breaks a rule, with what the breach is worded from.

    The ``…_until`` are the latest ends of classes that began earlier on the day.
    """

    session: Session
    facts: DayFacts
    course: FiledCourse | None = None
    room: FiledRoom | None = None
    area_m2: Decimal | None = None
    group_until: time | None = None
    student_until: time | None = None
    teacher_until: time | None = None
    room_until: time | None = None


Wording: TypeAlias = Callable[[Case], str]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Which classes break it, as an expression over columns, and how one breach is worded.

    What a rule marked ``review`` finds is a clue for a person: alone it makes no class unlawful.
    """

    card: RuleCard
    level: Level
    breaks: pl.Expr
    message: Wording
    review: bool = False

    @property
    def condition(self) -> pl.Expr:
        """The breach by the law of the class's day, as a column named by the rule's code."""
        article = self.card.article
        in_force = pl.lit(article.in_force_from) <= ON
        if article.in_force_until is not None:
            in_force = in_force & (pl.lit(article.in_force_until) > ON)
        return (in_force & self.breaks).fill_null(value=False).alias(self.card.code)
