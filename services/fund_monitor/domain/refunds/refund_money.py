"""What a contract's money allows to be refunded, and which of its refunds the bank has paid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from shared.city_time import city_date


@dataclass(frozen=True, slots=True)
class Movement:
    """One posted event on a contract that stands: money in, money back, or a refund returned."""

    identity: str
    account: str
    type: Literal["deposit", "refund", "refund_returned"]
    occurred_at: datetime
    amount_fen: int

    @property
    def day(self) -> date:
        return city_date(self.occurred_at)


@dataclass(frozen=True, slots=True)
class ContractMoney:
    """What a contract was paid, what of it is consumed, and what went back, in fen.

    ``cooling_fen`` is what was paid so shortly before the request that all of it goes back.
    """

    paid_fen: int = 0
    consumed_fen: int = 0
    refunded_fen: int = 0
    cooling_fen: int = 0

    @property
    def left_fen(self) -> int:
        """What of the principal has not gone back yet: no decision can give more."""
        return max(0, self.paid_fen - max(0, self.refunded_fen))

    @property
    def refundable_fen(self) -> int:
        """Paid less consumed less refunded; what is in its cooling-off period goes back whole."""
        unconsumed = self.left_fen - max(0, self.consumed_fen)
        return max(0, unconsumed, min(self.cooling_fen, self.left_fen))


def money_of(
    movements: Iterable[Movement], *, consumed_fen: int, requested_on: date, cooling_off_days: int
) -> ContractMoney:
    """Return a contract's money as a request of one day finds it.

    The day of the payment is not counted: the last of seven days is the seventh after it.
    """
    sums = {"deposit": 0, "refund": 0, "refund_returned": 0}
    cooling_fen = 0
    for one in movements:
        sums[one.type] += one.amount_fen
        last = one.day + timedelta(cooling_off_days)
        if one.type == "deposit" and one.day <= requested_on <= last:
            cooling_fen += one.amount_fen
    refunded_fen = sums["refund"] - sums["refund_returned"]
    return ContractMoney(sums["deposit"], consumed_fen, refunded_fen, cooling_fen)


@dataclass(frozen=True, slots=True)
class Owed:
    """What one refund of a contract has to bring back, and since which day it is asked for."""

    id: str
    requested_on: date
    fen: int


@dataclass(slots=True)
class Payment:
    """How far a refund is paid: ``paid_on`` is the day on which nothing was missing any more."""

    paid_fen: int = 0
    paid_on: date | None = None
    returned_on: date | None = None
    events: list[str] = field(default_factory=list)


def payments_of(owed: Sequence[Owed], movements: Iterable[Movement]) -> Mapping[str, Payment]:
    """Say what the bank's refunds have paid of a contract's refunds, in the order of requests.

    A refund of the bank pays what was asked for by its day; what comes back is taken from the
    refund that was paid last. What nobody asked for pays nothing.
    """
    ordered = sorted(owed, key=lambda one: (one.requested_on, one.id))
    paid = {one.id: Payment() for one in ordered}
    for movement in sorted(movements, key=lambda one: (one.occurred_at, one.identity)):
        if movement.type == "refund":
            _pay([one for one in ordered if one.requested_on <= movement.day], paid, movement)
        elif movement.type == "refund_returned":
            _take_back(ordered[::-1], paid, movement)
    return paid


def _pay(asked: Sequence[Owed], paid: Mapping[str, Payment], movement: Movement) -> None:
    left = movement.amount_fen
    for one in asked:
        payment = paid[one.id]
        part = min(left, one.fen - payment.paid_fen)
        if part <= 0:
            continue
        left -= part
        payment.paid_fen += part
        payment.events.append(movement.identity)
        if payment.paid_fen == one.fen:
            payment.paid_on = movement.day


def _take_back(latest: Sequence[Owed], paid: Mapping[str, Payment], movement: Movement) -> None:
    left = movement.amount_fen
    for one in latest:
        payment = paid[one.id]
        part = min(left, payment.paid_fen)
        if part <= 0:
            continue
        left -= part
        payment.paid_fen -= part
        # A part that comes back gives nobody more time: only what was paid whole is open anew.
        if payment.paid_on is not None:
            payment.returned_on = movement.day
        payment.paid_on = None
        payment.events.append(movement.identity)
