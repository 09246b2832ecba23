"""When class groups, teachers, rooms and students are taken, so that a class is put where none is.

This only says what collides in time; what is lawful is the judge's to say.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from typing import Final, TypeAlias

from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.session import Session

Claim: TypeAlias = tuple[str, ...]
"""Who or what a class takes up: ``("group", "三年级1班")``."""
_GAP: Final = int(articles.SHORTEST_GAP.total_seconds())


def seconds_of(moment: time) -> int:
    """Return the seconds since midnight."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def claims_of(session: Session) -> Iterator[tuple[Claim, int]]:
    """Return whom a class takes up, and how long they stay free of others around it.

    People rest between online classes; a room and a teacher need no rest.
    """
    setting = session.setting
    rest = _GAP if session.mode == "online" else 0
    yield ("group", session.class_group), rest
    for student in setting.roster:
        yield ("student", student), rest
    if setting.teacher is not None:
        yield ("teacher", setting.teacher), 0
    if setting.room is not None:
        yield ("room", setting.site or "", setting.room), 0


@dataclass(slots=True)
class Busy:
    """Times that are taken, by day and by whom; each with the place of its class."""

    _taken: dict[tuple[date, Claim], list[tuple[int, int, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @classmethod
    def of(cls, sessions: Iterable[tuple[int, Session]]) -> "Busy":
        """Return what some classes take up."""
        busy = cls()
        for index, session in sessions:
            busy.take(index, session)
        return busy

    def take(self, index: int, session: Session) -> None:
        """Enter one class."""
        start, end = seconds_of(session.start), seconds_of(session.end)
        for claim, rest in claims_of(session):
            self._taken[session.on, claim].append((start, end, rest, index))

    def is_free(self, index: int, session: Session) -> bool:
        """Tell whether a class meets none of the others; ``index`` is its own place."""
        start, end = seconds_of(session.start), seconds_of(session.end)
        return not any(
            place != index
            and start < other_end + min(rest, other_rest)
            and other_start < end + min(rest, other_rest)
            for claim, rest in claims_of(session)
            for other_start, other_end, other_rest, place in self._taken.get(
                (session.on, claim), ()
            )
        )

    def edges(self, index: int, session: Session) -> Iterator[tuple[int, bool]]:
        """Return where others' times end (``True``) and begin (``False``), in seconds."""
        for claim, rest in claims_of(session):
            for start, end, other_rest, place in self._taken.get((session.on, claim), ()):
                if place != index:
                    yield end + min(rest, other_rest), True
                    yield start - min(rest, other_rest), False
