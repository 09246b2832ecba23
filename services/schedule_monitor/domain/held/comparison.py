"""Held sessions beside the classes that were filed: which stands for which, one for one.

Everything here is a function of the record: in whatever order it came, the pairs are the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias

from services.schedule_monitor.domain.held.held import Kept
from services.schedule_monitor.domain.judge import Judged
from services.schedule_monitor.domain.session import Session
from shared.city_time import CITY_TIME

PROPOSED_TOLERANCE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Tolerances:
    """From a day on, how far a session may lie from its filed class; a proposal [P]."""

    decisions: tuple[tuple[date, timedelta], ...] = ()

    @property
    def written(self) -> str:
        """What tells two sets of decisions apart; nothing where there are none."""
        return "".join(f"|{since}:{length}" for since, length in sorted(self.decisions))

    def on(self, day: date) -> timedelta:
        """Return the tolerance of a day: the city's last decision by then, else the proposal."""
        begun = [length for since, length in sorted(self.decisions) if since <= day]
        return begun[-1] if begun else PROPOSED_TOLERANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledClass:
    """A class of a timetable as it is judged; ``dropped_at`` tells since when it is filed no more.

    A class that a later version of its timetable left out before the session began was cancelled.
    One left out afterwards had been filed when the session was held, and still counts as that.
    """

    judged: Judged
    dropped_at: datetime | None = None

    @property
    def session(self) -> Session:
        return self.judged.session


Pairs: TypeAlias = Mapping[str, FiledClass]
"""Filed classes by the id of the held session that stands for them."""
_Pair: TypeAlias = tuple[timedelta, time, datetime, str, int]


def pairs_of(held: Iterable[Kept], filed: Sequence[FiledClass]) -> Pairs:
    """Find for each held session the filed class that it stands for, if there is one.

    Each sender's sessions are paired for themselves: two may tell of the same class. First come
    those that name their class, then, within a group and day, the closest starts; of equally
    close ones the earlier class, then the earlier session, then the reference decides. Classes
    that were dropped are looked at last.
    """
    by_sender: dict[str, list[Kept]] = {}
    for one in held:
        if not one.held.withdrawn:
            by_sender.setdefault(one.held.sender.key, []).append(one)
    current = sorted((one for one in filed if one.dropped_at is None), key=_order)
    dropped = sorted((one for one in filed if one.dropped_at is not None), key=_order)
    found: dict[str, FiledClass] = {}
    for theirs in by_sender.values():
        found |= _pairs_of_one_sender(theirs, current, dropped)
    return found


def _pairs_of_one_sender(
    held: Sequence[Kept], current: Sequence[FiledClass], dropped: Sequence[FiledClass]
) -> dict[str, FiledClass]:
    found: dict[str, FiledClass] = {}
    for classes in (current, dropped):
        for named in (True, False):
            taken = {id(one) for one in found.values()}
            left = [one for one in held if one.session_id not in found]
            free = [one for one in classes if id(one) not in taken]
            found |= _closest(left, free, named=named)
    return found


def _closest(
    held: Sequence[Kept], filed: Sequence[FiledClass], *, named: bool
) -> dict[str, FiledClass]:
    places: dict[tuple[object, ...], list[int]] = {}
    for index, one in enumerate(filed):
        places.setdefault(_place(one.session, named=named), []).append(index)
    candidates: list[tuple[_Pair, str]] = []
    for kept in held:
        told = kept.held
        place = (
            (told.class_group, told.planned_on, told.planned_start)
            if named
            else (told.class_group, told.on)
        )
        for index in places.get(place, ()):
            session = filed[index].session
            away = abs(told.started_at - _began(session))
            pair = (away, session.start, told.started_at, told.reference, index)
            candidates.append((pair, kept.session_id))
    found: dict[str, FiledClass] = {}
    taken: set[int] = set()
    for (*_, index), session_id in sorted(candidates, key=lambda one: one[0]):
        if session_id not in found and index not in taken:
            found[session_id] = filed[index]
            taken.add(index)
    return found


def _place(session: Session, *, named: bool) -> tuple[object, ...]:
    if named:
        return (session.class_group, session.on, session.start)
    return (session.class_group, session.on)


def _began(session: Session) -> datetime:
    return datetime.combine(session.on, session.start, CITY_TIME)


def _order(filed: FiledClass) -> tuple[object, ...]:
    session = filed.session
    gone = filed.dropped_at.timestamp() if filed.dropped_at else 0.0
    # The latest to be dropped first: it was filed for longest.
    return (session.on, session.start, session.class_group, session.end, -gone, repr(session))
