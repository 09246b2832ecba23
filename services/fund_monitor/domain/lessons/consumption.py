"""What lessons change of the unconsumed value, where lessons of a contract are known.

The ledger takes a release for consumption: it knows no lessons. Of a contract that is charged by
lessons and of which a lesson counts, the lessons are what is consumed, and what was released since
lessons are known is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.fund_monitor.domain.lessons.contract_book import Terms
from services.fund_monitor.domain.lessons.lessons import value_fen


@dataclass(frozen=True, slots=True)
class Moved:
    """What one entry adds to a contract's prepaid money that is charged by lessons, in fen."""

    day: date
    fen: int
    released: bool


@dataclass(frozen=True, slots=True)
class KnownContract:
    """A contract of which lessons are known, and its institution's from ``known_from`` on.

    ``lessons`` are hundredths by the day from which they count.
    """

    terms: Terms
    lessons: Mapping[date, int]
    moved: Sequence[Moved]
    known_from: date


def unconsumed_changes(contract: KnownContract) -> list[tuple[date, int]]:
    """Return by how much lessons change the unconsumed value beside the ledger, day by day.

    Lessons count as far as the contract's money goes: what was paid, less what was refunded and
    what was released before lessons were known. Where more was released than is known to be paid
    (an opening balance names no contract), they count as far as it was released.
    """
    lessons = contract.lessons
    moved: dict[date, list[Moved]] = {}
    for move in contract.moved:
        moved.setdefault(move.day, []).append(move)
    held = released = left = before = 0
    changes: list[tuple[date, int]] = []
    for day in sorted({*lessons, *moved}):
        held += lessons.get(day, 0)
        since = sum(-one.fen for one in moved.get(day, ()) if one.released)
        left += sum(one.fen for one in moved.get(day, ()) if not one.released)
        if day < contract.known_from:
            left -= since
        else:
            released += since
        value = value_fen(held, price_fen=contract.terms.price_fen, lessons=contract.terms.lessons)
        after = released - min(value, max(left, released))
        if after != before:
            changes.append((day, after - before))
        before = after
    return changes


def by_day(changes: Iterable[tuple[date, int]]) -> list[tuple[date, int]]:
    """Return the sums of some changes, by day."""
    sums: dict[date, int] = {}
    for day, fen in changes:
        sums[day] = sums.get(day, 0) + fen
    return [(day, fen) for day, fen in sorted(sums.items()) if fen]
