"""What a timetable that is filed again changes: classes added, removed, moved and changed."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, time
from typing import TypeAlias

from services.schedule_monitor.domain.session import Setting, Stated

_Time: TypeAlias = tuple[date, time, time]
_Key: TypeAlias = Callable[[Stated], tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Change:
    """One class before and after, with the names of what differs."""

    before: Stated
    after: Stated
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """The differences of two filings, each in order of time."""

    added: tuple[Stated, ...]
    removed: tuple[Stated, ...]
    moved: tuple[Change, ...]
    changed: tuple[Change, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Count each kind of difference."""
        return {
            "added": len(self.added),
            "removed": len(self.removed),
            "moved": len(self.moved),
            "changed": len(self.changed),
        }


def diff(before: Iterable[Stated], after: Iterable[Stated]) -> Diff:
    """Compare two filings: first what stayed, then what changed at its time, then what moved.

    A class has moved when one of the same group and course is gone and another has come; the
    nearest in time are taken for one and the same.
    """
    old, new = Counter(before), Counter(after)
    gone = sorted((old - new).elements(), key=_when)
    come = sorted((new - old).elements(), key=_when)
    changed, gone, come = _paired(gone, come, lambda one: (*_when(one), one.class_group))
    moved, gone, come = _paired(gone, come, lambda one: (one.class_group, one.setting.course))
    return Diff(tuple(come), tuple(gone), moved, changed)


def _paired(
    gone: Sequence[Stated], come: Sequence[Stated], same: _Key
) -> tuple[tuple[Change, ...], list[Stated], list[Stated]]:
    waiting: dict[tuple[object, ...], list[Stated]] = defaultdict(list)
    for one in come:
        waiting[same(one)].append(one)
    pairs, left = [], []
    for one in gone:
        candidates = waiting[same(one)]
        if candidates:
            pairs.append(Change(one, after := _take_nearest(candidates, one), _differ(one, after)))
        else:
            left.append(one)
    rest = sorted((one for ones in waiting.values() for one in ones), key=_when)
    return tuple(pairs), left, rest


def _take_nearest(candidates: list[Stated], one: Stated) -> Stated:
    place = bisect_left(candidates, _when(one), key=_when)
    around = [at for at in (place - 1, place) if 0 <= at < len(candidates)]
    return candidates.pop(min(around, key=lambda at: abs((candidates[at].on - one.on).days)))


def _differ(before: Stated, after: Stated) -> tuple[str, ...]:
    own = [it.name for it in fields(Stated) if it.name != "setting"]
    found = [name for name in own if getattr(before, name) != getattr(after, name)]
    found += [
        it.name
        for it in fields(Setting)
        if getattr(before.setting, it.name) != getattr(after.setting, it.name)
    ]
    return tuple("date" if name == "on" else name for name in found)


def _when(one: Stated) -> _Time:
    return one.on, one.start, one.end
