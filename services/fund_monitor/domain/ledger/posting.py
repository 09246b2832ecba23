"""What becomes of an account's events, as a function of the events alone.

Where only one of several can stand (an account's opening, its opening balance, the reversal of one
original) the earliest stands, by ``occurred_at`` and then identity, and a later arrival that is
earlier takes its place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.fund_monitor.domain.ledger.chart import BookCode
from services.fund_monitor.domain.ledger.journal import Move

State = Literal["posted", "parked", "set_aside"]

# The books that each kind of event moves money between: what is debited, what is credited.
_BOOKS: dict[str, tuple[BookCode, BookCode]] = {
    "opening_balance": ("bank", "prepaid.lessons"),
    "deposit": ("bank", "unallocated.other"),
    "refund_returned": ("bank", "prepaid.lessons"),
    "interest": ("bank", "interest"),
    "release": ("prepaid.lessons", "bank"),
    "refund": ("prepaid.lessons", "bank"),
    "withdrawal": ("withdrawals", "bank"),
    "judicial_deduction": ("judicial_deductions", "bank"),
    "fee": ("bank_fees", "bank"),
}
_DEPOSITS: dict[tuple[bool, bool], BookCode] = {
    (True, True): "prepaid.lessons",
    (True, False): "prepaid.other",
    (False, True): "unallocated.lessons",
    (False, False): "unallocated.other",
}
# At most one of these stands in an account.
SLOTS = {
    "account_opened": "此账户已有更早的开户事件",
    "opening_balance": "此账户已有更早的期初余额，期初余额只能有一笔",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a bank, as far as posting needs it."""

    identity: str
    account: str
    type: str
    occurred_at: datetime
    amount_fen: int = 0
    with_lessons: bool = False
    reverses: str | None = None
    contract_no: str | None = None

    @property
    def moves_money(self) -> bool:
        return self.type in _BOOKS

    @property
    def rank(self) -> tuple[datetime, str]:
        return (self.occurred_at, self.identity)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an event stands, and why when it is not posted."""

    state: State
    reason: str | None = None


POSTED = Outcome("posted")


def moves_of(event: Event, original: Event | None = None) -> tuple[Move, ...]:
    """Return what a posted event moves; of a reversal, its original's moves turned back."""
    if original is not None:
        return tuple(move.back for move in moves_of(original))
    if event.type not in _BOOKS:
        return ()
    debit, credit = _BOOKS[event.type]
    if event.type == "deposit":
        credit = _DEPOSITS[event.contract_no is not None, event.with_lessons]
    return (Move(debit, credit, event.amount_fen),)


def resolve(
    in_play: Iterable[Event],
    *,
    opened: bool,
    known: Mapping[str, tuple[Event, Outcome]],
) -> dict[str, Outcome]:
    """Return the outcome of every event in play of one account.

    In play are all events of which the outcome may have changed; ``known`` holds settled originals
    that reversals in play refer to. ``opened`` says that an opening stands outside those in play.
    """
    events = {event.identity: event for event in in_play}
    opened = opened or any(event.type == "account_opened" for event in events.values())
    if not opened:
        return dict.fromkeys(events, Outcome("parked", "账户尚未开立，等待开户事件"))
    found = {key: _standing(event, events) for key, event in events.items() if not event.reverses}
    for event in sorted((e for e in events.values() if e.reverses), key=lambda e: e.rank):
        found[event.identity] = _reversal(event, events, found, known)
    return found


def _standing(event: Event, events: Mapping[str, Event]) -> Outcome:
    if event.type not in SLOTS:
        return POSTED
    rivals = [other for other in events.values() if other.type == event.type]
    first = min(rivals, key=lambda other: other.rank)
    return POSTED if event is first else Outcome("set_aside", SLOTS[event.type])


def _reversal(
    event: Event,
    events: Mapping[str, Event],
    found: Mapping[str, Outcome],
    known: Mapping[str, tuple[Event, Outcome]],
) -> Outcome:
    name = event.reverses or ""
    original = events.get(name) or (known[name][0] if name in known else None)
    if original is None:
        return Outcome("parked", "被冲正的交易尚未收到")
    wrong = _cannot_reverse(event, original)
    if wrong is not None:
        return Outcome("set_aside", wrong)
    stands = found.get(name) or known[name][1]
    if stands.state != "posted":
        return Outcome(stands.state, "被冲正的交易本身未能入账")
    taken = any(
        other.reverses == name and found.get(other.identity) == POSTED for other in events.values()
    )
    return Outcome("set_aside", "该交易已被更早的冲正冲销") if taken else POSTED


def _cannot_reverse(event: Event, original: Event) -> str | None:
    if not original.moves_money:
        return "只有资金交易可以冲正，冲正本身不可再冲正"
    if original.amount_fen != event.amount_fen:
        return "冲正金额与原交易金额不一致"
    return None
