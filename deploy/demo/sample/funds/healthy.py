"""The books of an account whose institution keeps the rules."""

from datetime import date, timedelta
from random import Random

from deploy.demo.sample.funds.books import STATEMENT_DAYS
from deploy.demo.sample.funds.pupils import pupil_bookings
from deploy.demo.sample.model import Account, Booking
from deploy.demo.sample.term import AS_OF, OPENING, day_between, moment

_YUAN = 100
_OPENED_UNTIL = date(2026, 3, 4)
_INTEREST_DAYS = (date(2026, 3, 21), date(2026, 6, 21))
_MONTHS = (3, 4, 5, 6)
_TEXTBOOK_SHARE = 0.5
_FREEZE_SHARE = 0.05


def healthy_bookings(
    rng: Random,
    account: Account,
    *,
    events: int,
    until: date = AS_OF,
    opening_fen: int | None = None,
) -> list[Booking]:
    """Return as many bookings as asked for, less the statements that are added at the end."""
    opened = day_between(rng, OPENING, _OPENED_UNTIL)
    bookings = [
        *_opening(rng, account, opened),
        *_upkeep(rng, account),
        *_old_lessons(rng, account, opened, opening_fen or rng.randrange(80_000, 300_000) * _YUAN),
    ]
    if rng.random() < _TEXTBOOK_SHARE:
        bookings += _textbooks(rng, account)
    if rng.random() < _FREEZE_SHARE:
        bookings += _freeze(rng, account)
    first = opened + timedelta(days=1)
    while (left := events - len(STATEMENT_DAYS) - len(bookings)) > 0:
        bookings += pupil_bookings(rng, account, first=first, until=until)[:left]
    return bookings


def risk_deposit_bookings(rng: Random, account: Account) -> list[Booking]:
    """Return the few bookings of a 风险保证金 account, less its statements."""
    opened = day_between(rng, OPENING, _OPENED_UNTIL)
    return [
        _account_opened(rng, account, opened),
        _money(rng, account, "deposit", opened + timedelta(days=1), 100_000 * _YUAN),
        *(
            _money(rng, account, "interest", day, rng.randrange(1, 90) * 10)
            for day in _INTEREST_DAYS
        ),
    ]


def _money(rng: Random, account: Account, kind: str, day: date, amount_fen: int) -> Booking:
    fields: dict[str, str | int] = {"amount_fen": amount_fen}
    return Booking(account=account, type=kind, at=moment(rng, day), fields=fields)


def _account_opened(rng: Random, account: Account, day: date) -> Booking:
    return Booking(
        account=account,
        type="account_opened",
        at=moment(rng, day),
        fields={
            "institution_code": account.institution.uscc,
            "account_kind": account.kind,
            "account_name": account.account_name,
            "agreement_no": f"TG2026-{rng.randrange(10**6):06d}",
        },
    )


def _opening(rng: Random, account: Account, day: date) -> list[Booking]:
    # The institution's own money comes first and outweighs the bank's fees, so that a healthy
    # account covers its lessons at every moment.
    opened = _account_opened(rng, account, day)
    cushion = _money(rng, account, "deposit", day, rng.randrange(1_000, 5_000) * _YUAN)
    cushion.at = opened.at + timedelta(minutes=10)
    return [opened, cushion]


def _old_lessons(rng: Random, account: Account, opened: date, opening_fen: int) -> list[Booking]:
    """Return what was paid before the account was opened, and how it is taught bit by bit."""
    opening = _money(rng, account, "opening_balance", opened, opening_fen)
    taught = [
        _money(
            rng, account, "release", date(2026, month, 12), opening_fen // 100 * rng.randint(1, 3)
        )
        for month in (3, 4, 5)
    ]
    for release in taught:
        release.fields["payee_class"] = "own_settlement"
    return [opening, *taught]


def _upkeep(rng: Random, account: Account) -> list[Booking]:
    fees = [
        _money(rng, account, "fee", date(2026, month, 25), rng.randrange(5, 20) * _YUAN)
        for month in _MONTHS
    ]
    interest = [
        _money(rng, account, "interest", day, rng.randrange(500, 5_000)) for day in _INTEREST_DAYS
    ]
    return [*fees, *interest]


def _textbooks(rng: Random, account: Account) -> list[Booking]:
    """Return money for textbooks that passes through the account and leaves it again."""
    paid = rng.randrange(500, 2_000) * _YUAN
    return [
        _money(rng, account, "deposit", date(2026, 3, 10), paid),
        _money(rng, account, "withdrawal", date(2026, 3, 17), paid),
    ]


def _freeze(rng: Random, account: Account) -> list[Booking]:
    day = day_between(rng, date(2026, 4, 1), date(2026, 5, 20))
    frozen = rng.randrange(1_000, 20_000) * _YUAN
    return [
        Booking(
            account=account,
            type="account_frozen",
            at=moment(rng, day),
            fields={"frozen_fen": frozen},
        ),
        Booking(account=account, type="account_unfrozen", at=moment(rng, day + timedelta(days=9))),
    ]
