"""Arithmetic on an account's bookings: the balance, the unconsumed value, the statements."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from random import Random

from deploy.demo.sample.model import Account, Booking
from deploy.demo.sample.term import moment

STATEMENT_DAYS = (
    date(2026, 3, 31),
    date(2026, 4, 30),
    date(2026, 5, 29),
    date(2026, 6, 29),
)

_IN = frozenset({"opening_balance", "deposit", "refund_returned", "interest"})
_OUT = frozenset({"release", "refund", "withdrawal", "judicial_deduction", "fee"})
_UNCONSUMED = frozenset({"opening_balance", "deposit", "refund_returned", "release", "refund"})


def balance_effect(booking: Booking) -> int:
    """Return what a booking adds to the balance, in fen."""
    if booking.reverses is not None:
        return -balance_effect(booking.reverses)
    if booking.type in _IN:
        return booking.amount_fen
    return -booking.amount_fen if booking.type in _OUT else 0


def unconsumed_effect(booking: Booking) -> int:
    """Return what a booking adds to the value of lessons paid for and not yet given, in fen."""
    if booking.reverses is not None:
        return -unconsumed_effect(booking.reverses)
    if booking.type == "deposit" and "lessons" not in booking.fields:
        return 0
    return balance_effect(booking) if booking.type in _UNCONSUMED else 0


def balance_at(bookings: Iterable[Booking], at: datetime) -> int:
    """Return the balance after everything that happened up to a moment."""
    return sum(balance_effect(each) for each in bookings if each.at <= at)


def unconsumed_at(bookings: Iterable[Booking], at: datetime) -> int:
    """Return the unconsumed value after everything that happened up to a moment."""
    return sum(unconsumed_effect(each) for each in bookings if each.at <= at)


def statements(rng: Random, account: Account, bookings: Sequence[Booking]) -> list[Booking]:
    """Return the bank's statements of the balance at the ends of the months."""
    moments = [moment(rng, day) for day in STATEMENT_DAYS]
    return [
        Booking(
            account=account,
            type="balance",
            at=at,
            fields={"balance_fen": balance_at(bookings, at)},
        )
        for at in moments
    ]
