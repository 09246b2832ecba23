"""How the institutions of the sample that go bad go bad."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random

from deploy.demo.sample.funds.books import balance_at, unconsumed_at
from deploy.demo.sample.funds.pupils import Order, contract_no, deposit, student_ref
from deploy.demo.sample.model import Account, Booking, Trouble
from deploy.demo.sample.term import day_between, moment

_YUAN = 100
FLED_ON = date(2026, 5, 20)
LARGE_OPENING_FEN = 900_000 * _YUAN
_LARGE_GAP_FEN = 60_000 * _YUAN
_DAY = timedelta(days=1)

Spoil = Callable[[Random, Account, Sequence[Booking]], list[Booking]]
"""Given the healthy books, return the bookings that spoil them."""


def _order(
    rng: Random,
    account: Account,
    *,
    paid_on: date,
    lessons: int,
    pupil: str | None = None,
    weeks: int = 8,
) -> Booking:
    order = Order(
        account=account,
        contract_no=contract_no(rng),
        student_ref=pupil or student_ref(rng),
        lessons=lessons,
        price_fen=rng.randrange(60, 160) * _YUAN,
        paid_on=paid_on,
        weeks=weeks,
    )
    return deposit(rng, order)


def _movement(account: Account, kind: str, at: datetime, amount_fen: int) -> Booking:
    fields: dict[str, str | int] = {"amount_fen": amount_fen}
    return Booking(account=account, type=kind, at=at, fields=fields)


def long_orders(rng: Random, account: Account, _healthy: Sequence[Booking]) -> list[Booking]:
    """Two pupils pay for more than sixty lessons at once."""
    days = [day_between(rng, date(2026, 3, 10), date(2026, 5, 20)) for _ in range(2)]
    return [_order(rng, account, paid_on=day, lessons=rng.choice((64, 72, 80))) for day in days]


def long_periods(rng: Random, account: Account, _healthy: Sequence[Booking]) -> list[Booking]:
    """Two pupils pay for more than three months at once."""
    days = [day_between(rng, date(2026, 3, 5), date(2026, 4, 20)) for _ in range(2)]
    return [
        _order(rng, account, paid_on=day, lessons=36, weeks=rng.randint(15, 17)) for day in days
    ]


def many_pupils(rng: Random, account: Account, _healthy: Sequence[Booking]) -> list[Booking]:
    """Seven pupils within three weeks pay for more than sixty lessons."""
    days = [day_between(rng, date(2026, 4, 7), date(2026, 4, 27)) for _ in range(7)]
    return [_order(rng, account, paid_on=day, lessons=rng.choice((64, 72))) for day in days]


def split_orders(rng: Random, account: Account, _healthy: Sequence[Booking]) -> list[Booking]:
    """Split one pupil's order into two contracts that are too much together."""
    pupil = student_ref(rng)
    return [
        _order(rng, account, paid_on=date(2026, 5, 12), lessons=50, pupil=pupil),
        _order(rng, account, paid_on=date(2026, 5, 14), lessons=48, pupil=pupil),
    ]


def short_for_days(rng: Random, account: Account, healthy: Sequence[Booking]) -> list[Booking]:
    """Take a twentieth of the unconsumed value out for two weeks."""
    taken, returned = moment(rng, date(2026, 5, 11)), moment(rng, date(2026, 5, 25))
    days = (taken + n * _DAY for n in range(15))
    gap = min(unconsumed_at(healthy, at) for at in days) // 20
    return _gap(account, healthy, taken=taken, returned=returned, gap_fen=gap)


def large_gap(rng: Random, account: Account, healthy: Sequence[Booking]) -> list[Booking]:
    """Take more than fifty thousand yuan out, though less than a tenth."""
    taken, returned = moment(rng, date(2026, 6, 8)), moment(rng, date(2026, 6, 18))
    return _gap(account, healthy, taken=taken, returned=returned, gap_fen=_LARGE_GAP_FEN)


def fled(rng: Random, account: Account, healthy: Sequence[Booking]) -> list[Booking]:
    """Stop teaching, take most of the money, and be frozen by a court."""
    at = moment(rng, FLED_ON)
    taken = balance_at(healthy, at) * 6 // 10
    frozen = moment(rng, date(2026, 5, 28))
    seized = _movement(account, "judicial_deduction", frozen + 7 * _DAY, 2_000 * _YUAN)
    seized.fields["document_no"] = "（2026）浙0481执1024号"
    return [
        _withdrawal(account, at, taken),
        Booking(account=account, type="account_frozen", at=frozen),
        seized,
    ]


def revoked(rng: Random, account: Account, _healthy: Sequence[Booking]) -> list[Booking]:
    """Go on taking money after the licence is gone."""
    days = (date(2026, 5, 18), date(2026, 6, 9))
    return [_order(rng, account, paid_on=day, lessons=24) for day in days]


def _withdrawal(account: Account, at: datetime, amount_fen: int) -> Booking:
    booking = _movement(account, "withdrawal", at, amount_fen)
    booking.fields["payee_class"] = "other"
    return booking


def _gap(
    account: Account,
    healthy: Sequence[Booking],
    *,
    taken: datetime,
    returned: datetime,
    gap_fen: int,
) -> list[Booking]:
    surplus = balance_at(healthy, taken) - unconsumed_at(healthy, taken)
    amount = surplus + gap_fen
    return [_withdrawal(account, taken, amount), _movement(account, "deposit", returned, amount)]


SPOILS: dict[Trouble, Spoil] = {
    Trouble.LONG_ORDERS: long_orders,
    Trouble.LONG_PERIODS: long_periods,
    Trouble.MANY_PUPILS: many_pupils,
    Trouble.SPLIT_ORDERS: split_orders,
    Trouble.SHORT_FOR_DAYS: short_for_days,
    Trouble.FLED: fled,
    Trouble.LARGE_GAP: large_gap,
    Trouble.REVOKED: revoked,
}
"""An institution that the register does not know keeps healthy books: nothing spoils them."""

EXTRA_EVENTS = {
    Trouble.LONG_ORDERS: 2,
    Trouble.LONG_PERIODS: 2,
    Trouble.MANY_PUPILS: 7,
    Trouble.SPLIT_ORDERS: 2,
    Trouble.SHORT_FOR_DAYS: 2,
    Trouble.FLED: 3,
    Trouble.LARGE_GAP: 2,
    Trouble.REVOKED: 2,
}
