"""A bank's consecutive numbers: which are missing, and which do not belong to one event alone.

What is missing is kept as ranges however many there are, and is a function of the numbers that
came, in whatever order and how often: a late one shortens its range, splits it, or ends it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing numbers, both ends included. ``began`` names it however it shrinks.

    No two gaps of one count ever begin alike: what is missing behind a number that came begins
    with the number after it, and a number comes first only once.
    """

    began: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What some numbers change: the highest seen, and gaps as they are now."""

    high: int
    changed: tuple[Gap, ...]
    fresh: tuple[tuple[Gap, Gap | None], ...]
    """Gaps that were none before, each with the one it was split from, where there was one."""
    filled: tuple[Gap, ...]


def take(numbers: Iterable[int], *, high: int, gaps: Sequence[Gap]) -> Taken:
    """Return what is missing after some numbers came.

    ``high`` is the highest number seen before, or the one before the first expected; ``gaps`` are
    those among which the numbers may fall, without overlap.
    """
    ordered = sorted(set(numbers))
    behind = bisect_right(ordered, high)
    changed, filled = list[Gap](), list[Gap]()
    fresh: list[tuple[Gap, Gap | None]] = []
    for gap in gaps:
        within = ordered[bisect_left(ordered, gap.first) : bisect_right(ordered, gap.last)]
        if not within:
            continue
        left = _without(gap, within)
        if not left:
            filled.append(gap)
            continue
        changed.append(replace(left[0], began=gap.began))
        fresh.extend((piece, gap) for piece in left[1:])
    for number in ordered[behind:]:
        if number > high + 1:
            fresh.append((Gap(high + 1, high + 1, number - 1), None))
        high = number
    return Taken(high, tuple(changed), tuple(fresh), tuple(filled))


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event under a number; ``first_no`` is the one it was recorded with, if that is another."""

    number: int
    event: str
    first_no: int | None = None


@dataclass(frozen=True, slots=True)
class Misnumbered:
    """Two events under one number, the first of them before; or one event under two numbers."""

    event: str
    number: int
    before: str | None = None
    first_no: int | None = None


def own(
    numbered: Iterable[Numbered], owners: Mapping[int, str]
) -> tuple[dict[int, str], list[Misnumbered]]:
    """Return which event has each number first, and what does not belong to one event alone.

    ``owners`` are those of the same numbers that came before. A repeat changes nothing.
    """
    fresh, wrong = dict[int, str](), list[Misnumbered]()
    for one in numbered:
        owner = owners.get(one.number) or fresh.setdefault(one.number, one.event)
        if owner != one.event:
            wrong.append(Misnumbered(one.event, one.number, before=owner))
        if one.first_no is not None:
            wrong.append(Misnumbered(one.event, one.number, first_no=one.first_no))
    return fresh, wrong


def _without(gap: Gap, within: Sequence[int]) -> list[Gap]:
    """Return what is left of a gap without some of its numbers, given in order."""
    left, first = list[Gap](), gap.first
    for number in (*within, gap.last + 1):
        if first < number:
            left.append(Gap(first, first, number - 1))
        first = number + 1
    return left
