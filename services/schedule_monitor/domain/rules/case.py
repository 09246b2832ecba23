"""What a rule is asked about, and what a rule of this service looks like."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from services.schedule_monitor.domain.calendar import CityDay
from services.schedule_monitor.domain.policies import AdjustedWorkday
from services.schedule_monitor.domain.school_calendar import SchoolDay
from services.schedule_monitor.domain.session import Session
from shared.rules import RuleCard

Level = Literal["yellow", "red"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One class with its day, and the online class of the same group that ended last before it."""

    session: Session
    day: CityDay
    school: SchoolDay
    adjusted_workday: AdjustedWorkday
    before: Session | None = None


Judgement: TypeAlias = Callable[[Case], str | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pure function that says the breach in words or nothing, with its card and gravity."""

    card: RuleCard
    level: Level
    judge: Judgement
