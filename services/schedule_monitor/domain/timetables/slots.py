"""The nearest lawful slot of each unlawful class: another time of the day, then another day.

Candidates are put before the judge itself, many at once, each by itself; what is chosen is judged
once more together with all that stays. So no rule is written here a second time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import islice, zip_longest
from typing import Final, TypeAlias

from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.session import UNTOLD, Session
from services.schedule_monitor.domain.timetables.busy import Busy, claims_of, seconds_of

Lawful: TypeAlias = Callable[[Sequence[Session]], Sequence[bool]]
"""Says of each class, all seen together, whether it breaks no rule and no calendar is missing."""

MOST_PROBES: Final = 2_000
"""Candidates put before the judge in one round: what bounds a check of any timetable."""
_MOST_DRAWN: Final = 4 * MOST_PROBES
MOST_DAYS_AWAY: Final = 70
"""A class in the summer break finds the first days of the school year."""
EARLIEST: Final = time(8)
LATEST: Final = time(21)
"""Slots are looked for between these; only the judge says how late a class may end."""
_NEAR_DAYS: Final = 7
_MINUTES_AWAY: Final = (5, 10, 15, 20, 30, 45, 60, 75, 90, 120, 150, 180, 240, 300, 360, 480)
_ROUNDS: Final = 3
_ENDS: Final = tuple(seconds_of(end) for end in (articles.OFFLINE_ENDS_BY, articles.ONLINE_ENDS_BY))
_LONGEST: Final = int(articles.LONGEST_ONLINE.total_seconds())
_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()
_Probe: TypeAlias = tuple[date, int, int]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a class would be lawful; ``shortened`` when it may not last as long as wished."""

    on: date
    start: time
    end: time
    shortened: bool


def minutes_between(start: time, end: time) -> int:
    """Return the whole minutes between two times of a day."""
    return (seconds_of(end) - seconds_of(start)) // 60


def nearest_slots(
    sessions: Sequence[Session], wrong: Sequence[int], lawful: Lawful
) -> list[Slot | None]:
    """Return, for each class in ``wrong``, the nearest slot that is lawful and meets no other."""
    search = _Search(sessions, lawful)
    search.within_the_day(wrong)
    search.settle()
    for days in (range(1, _NEAR_DAYS + 1), range(_NEAR_DAYS + 1, MOST_DAYS_AWAY + 1)):
        open_ones = [index for index in wrong if index not in search.chosen]
        search.on_other_days(open_ones, days)
        search.settle()
    return [_slot(sessions[index], search.chosen.get(index)) for index in wrong]


class _Search:
    """One search: what is chosen so far, and which candidates may still be."""

    def __init__(self, sessions: Sequence[Session], lawful: Lawful) -> None:
        self._sessions = sessions
        self._lawful = lawful
        self._busy = Busy.of(enumerate(sessions))
        self._open: dict[int, list[Session]] = {}
        self._starts: dict[int, list[tuple[int, int]]] = {}
        self.chosen: dict[int, Session] = {}

    def within_the_day(self, wrong: Sequence[int]) -> None:
        """Try other times of the same day."""
        most = max(MOST_PROBES // max(len(wrong), 1), 4)
        times = {index: self._times(index)[:most] for index in wrong}
        found = self._judged(
            (index, (self._sessions[index].on, start, end))
            for index, tried in times.items()
            for start, end in tried
        )
        for index, tried in times.items():
            session = self._sessions[index]
            good = [one for one in tried if found.get((index, (session.on, *one)))]
            own = (seconds_of(session.start), seconds_of(session.end))
            self._open[index] = [_at(session, (session.on, *one)) for one in good if one != own]
            self._starts[index] = good

    def on_other_days(self, wrong: Iterable[int], days: range) -> None:
        """Try days around the wish, each at the wished time and at what comes nearest to it."""
        drawn = list(islice(_in_turn({it: self._elsewhere(it, days) for it in wrong}), _MOST_DRAWN))
        found = self._judged(drawn)
        for index, probe in drawn:
            if found.get((index, probe)):
                one = _at(self._sessions[index], probe)
                self._open.setdefault(index, []).append(one)

    def _elsewhere(self, index: int, days: range) -> Iterator[_Probe]:
        on, times = self._sessions[index].on, self._times_elsewhere(index)
        for away in days:
            for sign in (1, -1):
                # No calendar reaches so far; but a day may be stated that is next to no other.
                if _FIRST <= on.toordinal() + away * sign <= _LAST:
                    for start, end in times:
                        yield on + timedelta(days=away * sign), start, end

    def settle(self) -> None:
        """Choose for each open class its nearest candidate, until the judge finds no fault."""
        for _ in range(_ROUNDS):
            picked = self._picked()
            if not picked:
                return
            faults = self._faults(picked)
            for index, session in picked.items():
                if index in faults:
                    continue
                self.chosen[index] = session
                self._open.pop(index, None)

    def _picked(self) -> dict[int, Session]:
        picked: dict[int, Session] = {}
        busy = Busy.of(self.chosen.items())
        for index, candidates in self._open.items():
            while candidates:
                one = candidates.pop(0)
                if self._busy.is_free(index, one) and busy.is_free(index, one):
                    picked[index] = one
                    busy.take(index, one)
                    break
        return picked

    def _faults(self, picked: dict[int, Session]) -> set[int]:
        """Judge the days that something moves to, as they would be, and return what is at fault."""
        moved = self.chosen | picked
        days = {one.on for one in picked.values()}
        before = [one for one in enumerate(self._sessions) if one[1].on in days]
        after = [one for one in before if one[0] not in moved]
        after += [one for one in moved.items() if one[1].on in days]
        said = self._lawful([session for _, session in after])
        wrong = {index for (index, _), good in zip(after, said, strict=True) if not good}
        if not wrong - picked.keys():
            return wrong & picked.keys()
        # Somebody who stays may have been in the wrong before; nobody is put in the wrong.
        was = self._lawful([session for _, session in before])
        harmed = {
            index
            for (index, _), good in zip(before, was, strict=True)
            if good and index in wrong and index not in picked
        } | (wrong & self.chosen.keys())
        claims = {
            (moved.get(index, self._sessions[index]).on, claim)
            for index in harmed
            for claim, _ in claims_of(moved.get(index, self._sessions[index]))
        }
        harmful = {
            index
            for index, one in picked.items()
            if any((one.on, claim) in claims for claim, _ in claims_of(one))
        }
        return (wrong & picked.keys()) | harmful

    def _times(self, index: int) -> list[tuple[int, int]]:
        """Return times of the day from the nearest on, as long as wished or else as is lawful."""
        session = self._sessions[index]
        start, end = seconds_of(session.start), seconds_of(session.end)
        found: dict[tuple[int, int], int] = {}
        for length in _lengths(session):
            starts = [
                start,
                *(start + sign * 60 * away for away in _MINUTES_AWAY for sign in (-1, 1)),
            ]
            starts += [last - length for last in _ENDS]
            starts += [
                edge if free_after else edge - length
                for edge, free_after in self._busy.edges(index, session)
            ]
            # A shorter class is a worse answer than any other time of the wished length.
            worse = 0 if length == end - start else seconds_of(LATEST)
            for one in starts:
                if _is_looked_at(one, length):
                    found[one, one + length] = min(
                        abs(one - start) + worse, found.get((one, one + length), 10**6)
                    )
        return sorted(found, key=lambda one: (found[one], one))

    def _times_elsewhere(self, index: int) -> list[tuple[int, int]]:
        """Return what comes nearest to the wished time where the day itself was the trouble."""
        session = self._sessions[index]
        start = seconds_of(session.start)
        found = [
            (at, at + length)
            for length in _lengths(session)
            for at in (start, *(end - length for end in _ENDS if start + length > end))
            if at == start or _is_looked_at(at, length)
        ]
        return list(dict.fromkeys([*found, *self._starts[index][:2]]))

    def _judged(self, probes: Iterable[tuple[int, _Probe]]) -> dict[tuple[int, _Probe], bool]:
        """Put candidates before the judge, the same ones once, each as if it were alone."""
        asked: dict[tuple[Session, _Probe], list[tuple[int, _Probe]]] = {}
        alone: dict[int, Session] = {}
        for index, probe in probes:
            if index not in alone:
                alone[index] = _alone(self._sessions[index])
            asked.setdefault((alone[index], probe), []).append((index, probe))
            if len(asked) == MOST_PROBES:
                break
        rows = [
            replace(
                session,
                on=probe[0],
                start=_time(probe[1]),
                end=_time(probe[2]),
                class_group=str(place),
            )
            for place, (session, probe) in enumerate(asked)
        ]
        said = self._lawful(rows) if rows else ()
        return {one: good for ones, good in zip(asked.values(), said, strict=True) for one in ones}


def _is_looked_at(start: int, length: int) -> bool:
    return seconds_of(EARLIEST) <= start and start + length <= seconds_of(LATEST)


def _alone(session: Session) -> Session:
    """Return a class without the people and the room that others may claim, at no time."""
    setting = replace(session.setting, teacher=None, room=None, roster=())
    return replace(
        session,
        on=date.min,
        start=time.min,
        end=time.min,
        class_group="",
        setting=UNTOLD if setting == UNTOLD else setting,
        remarks=(),
    )


def _in_turn(probes: dict[int, Iterator[_Probe]]) -> Iterator[tuple[int, _Probe]]:
    """Return the nearest candidates of all before the second nearest of any."""
    for ones in zip_longest(*probes.values()):
        for index, probe in zip(probes, ones, strict=True):
            if probe is not None:
                yield index, probe


def _lengths(session: Session) -> list[int]:
    wished = seconds_of(session.end) - seconds_of(session.start)
    return [wished, _LONGEST] if session.mode == "online" and wished > _LONGEST else [wished]


def _at(session: Session, probe: _Probe) -> Session:
    on, start, end = probe
    return replace(session, on=on, start=_time(start), end=_time(end))


def _time(seconds: int) -> time:
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _slot(wished: Session, found: Session | None) -> Slot | None:
    if found is None:
        return None
    return Slot(found.on, found.start, found.end, shortened=found.length < wished.length)
