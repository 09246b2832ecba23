"""What a statement says of one account and day, held against what was reported of it.

A pure function of two sets: neither the order of lines nor the moment of comparing matters, so that
it may run again whenever something arrives late. Lines and reports are paired in turn by serial
number and amount, by amount alone, and by sums; what is left over is named.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Final, Literal, TypeVar, get_args

StatementKind = Literal[
    "statement_only",
    "report_only",
    "amount_differs",
    "direction_differs",
    "day_differs",
    "duplicated",
]
Owner = Literal["bank", "fund_monitor"]
"""Who has to explain a difference: the bank, or we ourselves."""
AccountKind = Literal["chain_broken", "balance_differs", "balance_missing"]
NumberKind = Literal["feed_gap", "feed_no_reused", "feed_no_changed"]
Kind = StatementKind | AccountKind | NumberKind
STATEMENT_KINDS: Final[tuple[Kind, ...]] = get_args(StatementKind)
ACCOUNT_KINDS: Final[tuple[Kind, ...]] = get_args(AccountKind)
"""What a bank's own feed shows of one account, without any statement."""
NUMBER_KINDS: Final[tuple[Kind, ...]] = get_args(NumberKind)
"""What its consecutive numbers show: missing ones, two events under one, one event under two."""
MOST_SUMMED: Final = 16
"""Sums are searched for where an account has no more rows left over on either side in a day."""
MOST_PARTS: Final = 5
"""A sum of more parts than this is not tried: with more, chance alone finds one."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A line of the statement; money into the account is positive."""

    key: str
    serial_no: str
    fen: int
    day: date


@dataclass(frozen=True, slots=True)
class Reported:
    """A posted event's money, on the day it was booked."""

    key: str
    serial_no: str
    fen: int
    day: date


Side = TypeVar("Side", Stated, Reported)


@dataclass(frozen=True, slots=True)
class Match:
    """Lines and reports that are the same money: one to one, one to many, or many to one."""

    lines: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What does not agree: a line, a report, or both, with their amounts.

    Of a broken chain the line is the event before, and of a balance what stands against it is ours.
    """

    kind: Kind
    line: str | None
    event: str | None
    stated_fen: int | None = None
    reported_fen: int | None = None
    owner: Owner = "bank"

    @property
    def key(self) -> str:
        return f"{self.line or ''}|{self.event or ''}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every line and every report of the account and day, each in exactly one place."""

    matches: tuple[Match, ...]
    differences: tuple[Difference, ...]
    untried: bool
    """Too much was left over to look for sums."""


@dataclass(slots=True)
class _Work:
    lines: list[Stated]
    events: list[Reported]
    matches: list[Match] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    paired: set[tuple[str, int]] = field(default_factory=set)

    def pairs(self, key: Callable[[Stated | Reported], Hashable]) -> list[tuple[Stated, Reported]]:
        """Take out of both sides, in their order, those that have the same key."""
        waiting: defaultdict[Hashable, list[Reported]] = defaultdict(list)
        for event in reversed(self.events):
            waiting[key(event)].append(event)
        pairs = [(one, waiting[key(one)].pop()) for one in self.lines if waiting[key(one)]]
        self.take({line.key for line, _ in pairs}, {event.key for _, event in pairs})
        return pairs

    def differ(self, kind: Kind, line: Stated | None, event: Reported | None) -> None:
        """Note a difference of a line, a report, or both."""
        self.differences.append(
            Difference(
                kind,
                None if line is None else line.key,
                None if event is None else event.key,
                None if line is None else line.fen,
                None if event is None else event.fen,
            )
        )

    def take(self, lines: set[str], events: set[str]) -> None:
        self.lines = [one for one in self.lines if one.key not in lines]
        self.events = [one for one in self.events if one.key not in events]


def reconcile(lines: Iterable[Stated], events: Iterable[Reported], *, day: date) -> Outcome:
    """Return how one account's lines and reports of a day agree, and how they differ.

    Lines and reports of the days around it are given too: money that one side puts on another day
    is told once, on the day of its line.
    """
    work = _Work(
        sorted(lines, key=lambda one: (one.serial_no, one.key)),
        sorted(events, key=lambda one: (one.serial_no, one.key)),
    )
    _match(work, lambda one: (one.day, one.serial_no, one.fen), day)
    for line, event in work.pairs(lambda one: (one.serial_no, one.fen)):
        if line.day == day:
            work.differ("day_differs", line, event)
    work.lines = [one for one in work.lines if one.day == day]
    work.events = [one for one in work.events if one.day == day]
    _same_serial(work)
    _match(work, lambda one: one.fen, day)
    untried = _sums(work)
    for left in work.lines:
        work.differ("duplicated" if _twice(left, work) else "statement_only", left, None)
    for unseen in work.events:
        work.differ("duplicated" if _twice(unseen, work) else "report_only", None, unseen)
    return Outcome(tuple(work.matches), tuple(work.differences), untried)


def _match(work: _Work, key: Callable[[Stated | Reported], Hashable], day: date) -> None:
    for line, event in work.pairs(key):
        if line.day == day:
            work.matches.append(Match((line.key,), (event.key,)))
            work.paired |= {(line.serial_no, line.fen), (event.serial_no, event.fen)}


def _same_serial(work: _Work) -> None:
    """Pair what has one serial number and not one amount: its direction differs, or its amount.

    Unless it is the second of its kind, which is left over to be told as that.
    """
    repeats_of_lines = [one for one in work.lines if _twice(one, work)]
    repeats_of_events = [one for one in work.events if _twice(one, work)]
    work.take({one.key for one in repeats_of_lines}, {one.key for one in repeats_of_events})
    for line, event in work.pairs(lambda one: one.serial_no):
        kind: Kind = "direction_differs" if line.fen == -event.fen else "amount_differs"
        work.differ(kind, line, event)
    work.lines = sorted([*work.lines, *repeats_of_lines], key=lambda one: (one.serial_no, one.key))
    work.events = sorted(
        [*work.events, *repeats_of_events], key=lambda one: (one.serial_no, one.key)
    )


def _twice(one: Stated | Reported, work: _Work) -> bool:
    """Tell whether a like one has been matched already: this is the same money a second time."""
    return (one.serial_no, one.fen) in work.paired


def _sums(work: _Work) -> bool:
    """Match one line to several reports and several lines to one report; say if it was too much."""
    if not work.lines or not work.events:
        return False
    if len(work.lines) > MOST_SUMMED or len(work.events) > MOST_SUMMED:
        return True
    for line in list(work.lines):
        parts = _parts(work.events, line.fen)
        if parts:
            work.matches.append(Match((line.key,), tuple(one.key for one in parts)))
            work.take({line.key}, {one.key for one in parts})
    for event in list(work.events):
        found = _parts(work.lines, event.fen)
        if found:
            work.matches.append(Match(tuple(one.key for one in found), (event.key,)))
            work.take({one.key for one in found}, {event.key})
    return False


def _parts(among: Sequence[Side], fen: int) -> tuple[Side, ...]:
    """Return the first and smallest set of two or more that sum to an amount, one way only."""
    fitting = [one for one in among if (one.fen > 0) == (fen > 0)]
    for size in range(2, min(MOST_PARTS, len(fitting)) + 1):
        for some in combinations(fitting, size):
            if sum(one.fen for one in some) == fen:
                return some
    return ()
