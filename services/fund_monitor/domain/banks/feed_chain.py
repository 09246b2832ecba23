"""A bank's own balances held against its own amounts, and against ours.

The events of one account and day are put in the bank's order: by ``feed_no`` where all of them have
one, else by ``occurred_at``. What happened in one moment has no order of its own: it agrees when
there is any order in which every balance follows from the one before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from services.fund_monitor.domain.statements.reconciliation import Difference


@dataclass(frozen=True, slots=True)
class Movement:
    """A posted event that moved money; into the account is positive."""

    event: str
    at: datetime
    fen: int
    after_fen: int | None = None
    """The balance that the bank says there was after it."""
    number: int | None = None

    @property
    def before_fen(self) -> int:
        """The balance before it by the bank's own word."""
        return (self.after_fen or 0) - self.fen


@dataclass(frozen=True, slots=True)
class ToldBalance:
    """A balance that the bank told by itself."""

    event: str
    at: datetime
    fen: int


@dataclass(frozen=True, slots=True)
class Carried:
    """What the bank's balance must be now, and the event that said so last."""

    fen: int | None = None
    event: str | None = None
    at: datetime | None = None


def chain(carried: Carried, movements: Iterable[Movement]) -> tuple[list[Difference], Carried]:
    """Return where balance after balance does not follow, and what is carried on.

    A difference names the event whose balance does not follow, the last one before it that told
    one, and both figures. From there on the bank's newer word counts.
    """
    found: list[Difference] = []
    for together in _in_order(movements):
        total = sum(one.fen for one in together)
        if any(one.after_fen is None for one in together):
            # Nothing is told of this moment: the balance goes on by its amounts.
            fen = None if carried.fen is None else carried.fen + total
            carried = Carried(fen, carried.event, carried.at)
            continue
        begins = _beginning(together, carried.fen)
        if carried.fen is not None and begins != carried.fen:
            wrong = _named(together, begins)
            found.append(
                Difference(
                    "chain_broken",
                    carried.event,
                    wrong.event,
                    wrong.after_fen,
                    carried.fen + (total if begins is None else wrong.fen),
                )
            )
        ends = _named(together, None).after_fen if begins is None else begins + total
        last = min((one for one in together if one.after_fen == ends), key=lambda one: one.event)
        carried = Carried(ends, last.event, last.at)
    return found, carried


def balances_differ(
    ours_fen: int, movements: Iterable[Movement], told: Sequence[ToldBalance]
) -> list[Difference]:
    """Return the told balances that are not ours, which is given as of the beginning of the day.

    What happened in the very moment of the balance may or may not be in it.
    """
    moved: Counter[datetime] = Counter()
    for one in movements:
        moved[one.at] += one.fen
    moments = sorted({*moved, *(one.at for one in told)})
    before: dict[datetime, int] = {}
    for moment in moments:
        before[moment] = ours_fen
        ours_fen += moved[moment]
    found = []
    for balance in sorted(told, key=lambda balance: (balance.at, balance.event)):
        excluded = before[balance.at]
        included = excluded + moved[balance.at]
        if balance.fen not in (excluded, included):
            found.append(Difference("balance_differs", None, balance.event, balance.fen, included))
    return found


def _in_order(movements: Iterable[Movement]) -> Iterator[list[Movement]]:
    every = list(movements)
    if all(one.number is not None for one in every):
        every.sort(key=lambda one: (one.number or 0, one.event))
        groups: Iterator[tuple[object, Iterator[Movement]]] = groupby(
            every, key=lambda one: one.number
        )
    else:
        every.sort(key=lambda one: (one.at, one.event))
        groups = groupby(every, key=lambda one: one.at)
    return (list(group) for _, group in groups)


def _beginning(together: Sequence[Movement], expected: int | None) -> int | None:
    """Return the balance with which events of one moment begin in some order that agrees.

    The expected one where that is possible, else the least; none where no order agrees. Events are
    steps from balance to balance, and an order that agrees is a walk that takes each step once.
    """
    degree: Counter[int] = Counter()
    onward: defaultdict[int, list[int]] = defaultdict(list)
    for one in together:
        before, after = one.before_fen, one.before_fen + one.fen
        degree[before] += 1
        degree[after] -= 1
        onward[before].append(after)
    uneven = {fen: left for fen, left in degree.items() if left}
    if not uneven:
        begins = expected if expected in onward else min(onward)
    elif sorted(uneven.values()) == [-1, 1]:
        begins = next(fen for fen, left in uneven.items() if left == 1)
    else:
        return None
    assert begins is not None  # noqa: S101 - one of the balances
    return begins if _reached(begins, onward) >= onward.keys() else None


def _reached(begins: int, onward: dict[int, list[int]]) -> set[int]:
    reached, waiting = {begins}, [begins]
    while waiting:
        for fen in onward.get(waiting.pop(), ()):
            if fen not in reached:
                reached.add(fen)
                waiting.append(fen)
    return reached


def _named(together: Sequence[Movement], begins: int | None) -> Movement:
    """Return the first event of an order that agrees, or the last by name where none does."""
    if begins is None:
        return max(together, key=lambda one: one.event)
    return min((one for one in together if one.before_fen == begins), key=lambda one: one.event)
