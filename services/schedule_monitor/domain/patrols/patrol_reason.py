"""What a reason for a visit is, and what is known of a place that reasons are found in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Final

from services.schedule_monitor.domain.held.whereabouts import HeldThere
from services.schedule_monitor.domain.patrols.patrol_day import DayClass
from services.schedule_monitor.domain.patrols.patrol_weights import HELD_DAYS, ReasonKind
from services.schedule_monitor.domain.patrols.visit import Visit
from services.schedule_monitor.domain.practices.reported import Reported
from shared.rules import Article

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """From when until when there is something to see."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason for a visit; ``rule`` is the rule that it is about, if it is about one."""

    kind: ReasonKind
    points: int
    message: str
    article: Article
    rule: str | None = None
    hours: Hours | None = None


@dataclass(slots=True)
class Known:
    """What is known of one place before a day; the classes are those filed for the day."""

    classes: list[DayClass] = field(default_factory=list)
    filed_lately: int = 0
    held: list[HeldThere] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    reported: list[Reported] = field(default_factory=list)

    def is_busy_on(self, day: date) -> bool:
        """Tell whether anybody is likely to be met: filed for the day, or held on its weekday."""
        return bool(self.classes) or any(
            one.on.weekday() == day.weekday() and within(one.on, day, HELD_DAYS)
            for one in self.held
        )


def cleared_by(visits: Iterable[Visit]) -> dict[str, date]:
    """Return the last day on which each rule was looked into and not found broken."""
    cleared: dict[str, date] = {}
    for visit in sorted(visits, key=lambda one: one.visited_at):
        cleared |= dict.fromkeys(visit.unfounded, visit.on)
    return cleared


def within(on: date, day: date, days: int) -> bool:
    """Tell whether a day lies before another by at most so many days."""
    return timedelta(0) < day - on <= timedelta(days=days)


def worded(message: str) -> str:
    """Return a message no longer than a proposal carries."""
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
