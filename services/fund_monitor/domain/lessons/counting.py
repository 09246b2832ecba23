"""Which lessons a contract counts, of all that is told of it: each lesson once, whoever tells it.

A pupil is at one lesson at a time, so two tellings of one contract that overlap are one lesson.
What counts is a function of what stands: the order in which it was told changes nothing.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One telling of a lesson of one contract that stands, in hundredths of lessons."""

    lesson: str
    by: Literal["session", "confirmation"]
    started_at: datetime
    ended_at: datetime
    consumed_at: datetime
    lessons: int
    session: str | None = None


@dataclass(slots=True)
class Counted:
    """One lesson that counts, with what else was told of the same time."""

    telling: Telling
    twice: list[str] = field(default_factory=list)
    """Tellings of the same kind at the same time, each as if it were another lesson."""
    otherwise: list[str] = field(default_factory=list)
    """Confirmations that do not agree with the held session they are of."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A time at which, as the competent department has decided, no lesson was taken."""

    started_at: datetime
    ended_at: datetime


def counted(
    tellings: Iterable[Telling],
    *,
    struck: Sequence[Struck] = (),
    absent_from: AbstractSet[str] = frozenset(),
) -> list[Counted]:
    """Return the lessons that count, in the order of time.

    Held sessions go before confirmations, and of each those that ended first: so as many count as
    can have been one after another. ``absent_from`` are sessions that were held without this
    contract.
    """
    standing = [one for one in tellings if not _is_struck(one, struck)]
    lessons = _Lessons()
    for one in _in_order(standing, "session"):
        lessons.take_session(one)
    for one in _in_order(standing, "confirmation"):
        lessons.take_confirmation(one, absent_from)
    return lessons.taken


class _Lessons:
    """Lessons that do not overlap, in the order of time."""

    def __init__(self) -> None:
        self.taken: list[Counted] = []
        self._starts: list[datetime] = []
        self._of_session: dict[str, Counted] = {}

    def take_session(self, one: Telling) -> None:
        rival = self._beside(one)
        if rival is None:
            rival = self._add(one)
        else:
            rival.twice.append(one.lesson)
        self._of_session[one.lesson] = rival

    def take_confirmation(self, one: Telling, absent_from: AbstractSet[str]) -> None:
        same = self._named(self._of_session, one)
        rival = self._beside(one) if same is None else same
        if rival is None:
            added = self._add(one)
            if one.session in absent_from:
                added.otherwise.append(one.lesson)
        elif rival.telling.by == "confirmation":
            rival.twice.append(one.lesson)
        elif one.lessons != rival.telling.lessons:
            rival.otherwise.append(one.lesson)

    @staticmethod
    def _named(of_session: Mapping[str, Counted], one: Telling) -> Counted | None:
        return None if one.session is None else of_session.get(one.session)

    def _beside(self, one: Telling) -> Counted | None:
        """Return the one that overlaps: of disjoint ones, the last to start before its end."""
        place = bisect_left(self._starts, one.ended_at)
        if not place:
            return None
        before = self.taken[place - 1]
        return before if before.telling.ended_at > one.started_at else None

    def _add(self, one: Telling) -> Counted:
        place = bisect_left(self._starts, one.started_at)
        added = Counted(one)
        self._starts.insert(place, one.started_at)
        self.taken.insert(place, added)
        return added


def _in_order(some: Iterable[Telling], by: str) -> list[Telling]:
    chosen = [one for one in some if one.by == by]
    return sorted(chosen, key=lambda one: (one.ended_at, one.started_at, one.lesson))


def _is_struck(one: Telling, struck: Sequence[Struck]) -> bool:
    return any(
        one.started_at < other.ended_at and other.started_at < one.ended_at for other in struck
    )
