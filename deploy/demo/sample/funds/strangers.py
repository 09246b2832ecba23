"""Bookings that the ledger can never post, or never yet: parked and set aside for good."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from random import Random

from deploy.demo.sample.funds.pupils import pupil_bookings, reversal
from deploy.demo.sample.model import Account, Bank, Booking, City, Outcome
from deploy.demo.sample.term import day_between, moment

NEVER_OPENED_EVENTS = 36
FOREIGN_EVENTS = 4
LOST_ORIGINALS = 8
SECOND_OPENINGS = 4
OTHER_AMOUNTS = 6
PARKED_PER_BANK = NEVER_OPENED_EVENTS + FOREIGN_EVENTS + LOST_ORIGINALS
SET_ASIDE_PER_BANK = SECOND_OPENINGS + OTHER_AMOUNTS


def parked_bookings(
    rng: Random, city: City, bank: Bank, posted: Sequence[Booking]
) -> list[Booking]:
    """Return bookings that wait for ever: of unknown accounts, or reversing what never came."""
    bookings = [
        *_of_an_account_never_opened(rng, city, bank),
        *_of_another_banks_accounts(rng, city, bank),
        *_reversing_what_never_came(rng, posted),
    ]
    return [replace(each, outcome=Outcome.PARKED) for each in bookings]


def lost_originals(bookings: Sequence[Booking]) -> list[Booking]:
    """Return the bookings that are reversed here but are sent by nobody; they have numbers too."""
    sent = set(bookings)
    originals = (each.reverses for each in bookings if each.reverses is not None)
    return [each for each in originals if each not in sent]


def set_aside_bookings(rng: Random, posted: Sequence[Booking]) -> list[Booking]:
    """Return bookings that contradict what is posted, so that they can never be."""
    openings = [each for each in posted if each.type == "opening_balance"]
    releases = _never_reversed(posted)
    bookings = [
        *(_second_opening(rng, each) for each in rng.sample(openings, SECOND_OPENINGS)),
        *(_other_amount(rng, each) for each in rng.sample(releases, OTHER_AMOUNTS)),
    ]
    return [replace(each, outcome=Outcome.SET_ASIDE) for each in bookings]


def _of_an_account_never_opened(rng: Random, city: City, bank: Bank) -> list[Booking]:
    account = Account(
        bank=bank,
        account_no=f"3304{rng.randrange(10**12):012d}",
        account_name="未开立账户",
        institution=rng.choice(city.institutions),
    )
    bookings: list[Booking] = []
    while len(bookings) < NEVER_OPENED_EVENTS:
        pupil = pupil_bookings(rng, account, first=date(2026, 3, 9), until=date(2026, 6, 20))
        bookings += [each for each in pupil if each.type in {"deposit", "release"}]
    return bookings[:NEVER_OPENED_EVENTS]


def _of_another_banks_accounts(rng: Random, city: City, bank: Bank) -> list[Booking]:
    others = [each for each in city.accounts if each.bank != bank]
    return [
        Booking(
            account=replace(account, bank=bank),
            type="deposit",
            at=moment(rng, day_between(rng, date(2026, 4, 1), date(2026, 6, 20))),
            fields={"amount_fen": rng.randrange(1, 900) * 1000},
        )
        for account in rng.sample(others, FOREIGN_EVENTS)
    ]


def _reversing_what_never_came(rng: Random, posted: Sequence[Booking]) -> list[Booking]:
    releases = [each for each in posted if each.type == "release"]
    lost = [replace(each) for each in rng.sample(releases, LOST_ORIGINALS)]
    return [reversal(rng, each) for each in lost]


def _never_reversed(posted: Sequence[Booking]) -> list[Booking]:
    reversed_ones = {each.reverses for each in posted if each.reverses is not None}
    return [each for each in posted if each.type == "release" and each not in reversed_ones]


def _second_opening(rng: Random, first: Booking) -> Booking:
    at = moment(rng, day_between(rng, date(2026, 6, 1), date(2026, 6, 20)))
    return replace(first, at=at, fields={"amount_fen": first.amount_fen + 100})


def _other_amount(rng: Random, original: Booking) -> Booking:
    other = reversal(rng, original)
    other.fields["amount_fen"] = original.amount_fen + 100
    return other


def opened_late(rng: Random, posted: Sequence[Booking], *, count: int) -> dict[Booking, timedelta]:
    """Return openings of accounts that the bank reports only after the money has moved."""
    openings = [each for each in posted if each.type == "account_opened"]
    return {each: timedelta(days=rng.randint(2, 9)) for each in rng.sample(openings, count)}


def after_their_reversals(
    rng: Random, posted: Sequence[Booking], *, count: int
) -> dict[Booking, timedelta]:
    """Return originals that the bank sends only after their reversals."""
    reversals = [each for each in posted if each.reverses is not None]
    chosen = rng.sample(reversals, min(count, len(reversals)))
    return {
        each.reverses: each.at - each.reverses.at + timedelta(days=2)
        for each in chain(chosen)
        if each.reverses is not None
    }
