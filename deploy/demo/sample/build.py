"""The whole sample: exactly twenty thousand fund events in requests, the same for a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from deploy.demo.sample.city import build_city
from deploy.demo.sample.funds import faults, strangers
from deploy.demo.sample.funds.books import STATEMENT_DAYS, statements
from deploy.demo.sample.funds.healthy import healthy_bookings, risk_deposit_bookings
from deploy.demo.sample.funds.numbering import body, number
from deploy.demo.sample.funds.troubles import EXTRA_EVENTS, FLED_ON, LARGE_OPENING_FEN, SPOILS
from deploy.demo.sample.model import (
    Account,
    Bank,
    Booking,
    City,
    Request,
    Sample,
    Sending,
    Trouble,
)
from deploy.demo.sample.term import AS_OF, REVOKED_ON

EVENTS = 20_000
BANKS = 3
_DUPLICATES = 400
_REFUSED, _REFUSED_AGAIN = 50, 12
_CONFLICTS, _CONFLICTS_AGAIN = 20, 5
_FAULTS = _DUPLICATES + _REFUSED + _REFUSED_AGAIN + _CONFLICTS + _CONFLICTS_AGAIN
_POSTED = EVENTS - BANKS * (_FAULTS + strangers.PARKED_PER_BANK + strangers.SET_ASIDE_PER_BANK)
_SECOND_ACCOUNT_EVENTS = 60
_RISK_DEPOSIT_EVENTS = 4 + len(STATEMENT_DAYS)
_LATE_SHARE = 0.06
_SMALLEST_REQUEST, _LARGEST_REQUEST = 200, 500

Delays = Mapping[Booking, timedelta]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """Everything one bank sends: what is sent at any time, and what only after that is judged."""

    first: list[Sending]
    second: list[Sending]


def build_sample(seed: int) -> Sample:
    """Return the sample of a seed."""
    rng = Random(seed)  # noqa: S311 - a sample must be repeatable, not secret
    city = build_city(rng)
    posted = _posted(rng, city)
    days = [_bank_sendings(rng, city, bank, posted[bank.code]) for bank in city.banks]
    return Sample(
        seed=seed,
        city=city,
        revoked_on=REVOKED_ON,
        waves=(
            _requests(rng, [each.first for each in days]),
            _requests(rng, [each.second for each in days]),
        ),
    )


def _posted(rng: Random, city: City) -> dict[str, list[Booking]]:
    books: dict[str, list[Booking]] = {bank.code: [] for bank in city.banks}
    for account, events in _quotas(rng, city).items():
        books[account.bank.code] += _account_books(rng, account, events)
    return books


def _quotas(rng: Random, city: City) -> dict[Account, int]:
    main = city.accounts[: len(city.institutions)]
    others = {
        each: _SECOND_ACCOUNT_EVENTS if each.kind == "custody" else _RISK_DEPOSIT_EVENTS
        for each in city.accounts[len(main) :]
    }
    left = _POSTED - sum(others.values())
    weights = [rng.uniform(0.6, 1.4) for _ in main]
    shares = [int(left * weight / sum(weights)) for weight in weights]
    shares[0] += left - sum(shares)
    return {**dict(zip(main, shares, strict=True)), **others}


def _account_books(rng: Random, account: Account, events: int) -> list[Booking]:
    if account.kind != "custody":
        books = risk_deposit_bookings(rng, account)
        return books + statements(rng, account, books)
    trouble = account.institution.trouble
    books = healthy_bookings(
        rng,
        account,
        events=events - EXTRA_EVENTS.get(trouble, 0) if trouble else events,
        until=FLED_ON - timedelta(days=1) if trouble is Trouble.FLED else AS_OF,
        opening_fen=LARGE_OPENING_FEN if trouble is Trouble.LARGE_GAP else None,
    )
    if trouble in SPOILS:
        books += SPOILS[trouble](rng, account, books)
    return books + statements(rng, account, books)


def _bank_sendings(rng: Random, city: City, bank: Bank, posted: list[Booking]) -> _Day:
    bookings = [*posted, *strangers.parked_bookings(rng, city, bank, posted)]
    contradictions = strangers.set_aside_bookings(rng, posted)
    everything = [*bookings, *contradictions]
    identities = number(bank, everything + strangers.lost_originals(everything))
    delays = _delays(rng, bookings, posted)
    sendings = [
        Sending(
            bank=bank,
            body=body(each, identities),
            due=each.at + delays.get(each, timedelta()),
            outcome=each.outcome,
        )
        for each in everything
    ]
    first = sendings[: len(bookings)]
    return _with_faults(rng, first=first, second=sendings[len(bookings) :])


def _delays(rng: Random, bookings: Sequence[Booking], posted: Sequence[Booking]) -> Delays:
    """Return how much later than it happened each booking is sent: some minutes, some days."""
    return {
        **{
            each: timedelta(
                days=rng.randint(1, 20) if rng.random() < _LATE_SHARE else 0,
                minutes=rng.randrange(24 * 60),
            )
            for each in bookings
        },
        **strangers.opened_late(rng, posted, count=2),
        **strangers.after_their_reversals(rng, posted, count=12),
    }


def _with_faults(rng: Random, *, first: list[Sending], second: list[Sending]) -> _Day:
    refused = faults.malformed(rng, first, count=_REFUSED)
    conflicts = faults.conflicting(rng, first, count=_CONFLICTS)
    return _Day(
        first=[
            *first,
            *refused,
            *faults.exact_repeats(rng, refused, count=_REFUSED_AGAIN),
            *faults.repeats(rng, first, count=_DUPLICATES),
        ],
        second=[
            *second,
            *conflicts,
            *faults.exact_repeats(rng, conflicts, count=_CONFLICTS_AGAIN),
        ],
    )


def _requests(rng: Random, banks: list[list[Sending]]) -> tuple[Request, ...]:
    """Return the banks' requests, the banks taking turns as far as they go."""
    queues = [_bank_requests(rng, sendings) for sendings in banks]
    turns = (queue[i] for i in range(max(map(len, queues))) for queue in queues if i < len(queue))
    return tuple(turns)


def _bank_requests(rng: Random, sendings: list[Sending]) -> list[Request]:
    waiting = sorted(sendings, key=lambda each: each.due)
    requests = []
    while waiting:
        size = rng.randint(_SMALLEST_REQUEST, _LARGEST_REQUEST)
        part, waiting = waiting[:size], waiting[size:]
        webhook_id = f"msg_{rng.getrandbits(128):032x}"
        requests.append(Request(bank=part[0].bank, webhook_id=webhook_id, sendings=tuple(part)))
    return requests
