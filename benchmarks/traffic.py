"""A city's fund events as the door leaves them on the bus: a message per partition of a request."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from services.fund_monitor.app.banks.check_events import check_events
from services.fund_monitor.app.banks.take_in import Request, take_in
from services.fund_monitor.app.ledger.post_batch import post_batch
from services.fund_monitor.domain.banks.bank import Bank
from services.fund_monitor.store.banks.banks import BankStore
from services.fund_monitor.store.ledger.postings import PostingStore
from services.fund_monitor.store.ledger.records import RecordStore
from shared.contracts.bank import BankBatch
from shared.ids import new_id
from shared.kernel import Kernel
from shared.messaging.publish import Publisher

BANK = "alpha"
INSTITUTIONS = 500
EVENTS_A_REQUEST = 500
SEEN_AT = datetime(2026, 6, 30, 10, tzinfo=UTC)
_CONTRACTS_AN_ACCOUNT = 40
# Of a thousand events: mostly payments and the releases that follow lessons.
_MIX = {"deposit": 520, "release": 400, "refund": 40, "reversal": 20, "repeat": 20}
_OVER_COLLECTED_EVERY = 2_000

Event = dict[str, Any]


async def open_accounts(kernel: Kernel) -> None:
    """Post every account's opening; what it marks is not left to the measured backlog."""
    checked = check_events(
        [opened(number) for number in range(INSTITUTIONS)], bank=BANK, declared=(), now=SEEN_AT
    )
    batch = BankBatch(
        bank=BANK,
        webhook_id=new_id(),
        received_at=SEEN_AT,
        identity_fields=(),
        events=[one.accepted for one in checked if one.accepted is not None],
        refused=[],
    )
    postings = PostingStore(kernel.db, kernel.audit)
    await post_batch([batch.model_dump_json().encode()], postings=postings)
    await kernel.db["to_judge"].delete_many({})


async def fill(
    kernel: Kernel,
    bus: Publisher,
    *,
    events: int,
    a_request: int = EVENTS_A_REQUEST,
    series: str = "",
) -> int:
    """Send so many events in through the door's own use case; return how many differ.

    A ledger that holds a series of events already is given another.
    """
    bank = Bank(BANK, BANK, identity_fields=(), secrets=(), has_sent=True)
    banks, records = BankStore(kernel.db, kernel.audit), RecordStore(kernel.db)
    seen: set[str] = set()
    for request in requests(events, a_request=a_request, series=series):
        signed = Request(bank, new_id(), new_id().encode(), request)
        with kernel.sight.tracer.start_as_current_span("request"):
            await take_in(signed, banks=banks, records=records, bus=bus, now=SEEN_AT)
        seen.update(f"{event['account_no']}|{event['serial_no']}" for event in request)
    return len(seen)


def requests(
    events: int, *, a_request: int = EVENTS_A_REQUEST, series: str = ""
) -> Iterator[list[Event]]:
    """Give the traffic in requests."""
    some: list[Event] = []
    for event in traffic(events, series=series):
        some.append(event)
        if len(some) == a_request:
            yield some
            some = []
    if some:
        yield some


def traffic(events: int, *, series: str = "") -> Iterator[Event]:
    """Give what a term brings to accounts that are open: every event passes the door's checks.

    A series always gives the same traffic, and shares no serial number with another.
    """
    chance = random.Random(series)  # noqa: S311 - a benchmark, not a secret
    paid: list[Event] = []
    for number in range(events):
        [kind] = chance.choices([*_MIX], [*_MIX.values()])
        if kind == "repeat" and paid:
            yield chance.choice(paid)
            continue
        if kind == "reversal" and paid:
            yield _reversal(f"{series}x{number}", paid.pop(chance.randrange(len(paid))))
            continue
        kind = "deposit" if kind in ("repeat", "reversal") else kind
        event = money(number, kind, chance, series=series)
        if event["type"] == "deposit" and len(paid) < EVENTS_A_REQUEST:
            paid.append(event)
        yield event


def uscc(number: int) -> str:
    """Return the code of an institution, in the shape that banks send it in."""
    return f"52330481MJ{number:06}XX"


def opened(number: int) -> Event:
    """Return the opening of an institution's account."""
    return {
        "type": "account_opened",
        "serial_no": f"open-{number}",
        "account_no": f"A{number}",
        "occurred_at": "2026-02-16T09:30:00+08:00",
        "institution_code": uscc(number),
        "account_kind": "custody",
        "account_name": f"第{number}家培训机构预收费资金托管专户",
        "agreement_no": f"X-{number}",
    }


def money(number: int, kind: str, chance: random.Random, *, series: str) -> Event:
    """Return a payment, a release or a refund of some contract."""
    account = chance.randrange(INSTITUTIONS)
    contract = chance.randrange(_CONTRACTS_AN_ACCOUNT)
    lessons = {"deposit": 30, "release": 1, "refund": 5}[kind]
    if kind == "deposit" and number % _OVER_COLLECTED_EVERY == 0:
        lessons = 72
    month, day = chance.randrange(3, 6), chance.randrange(1, 29)
    return {
        "type": kind,
        "serial_no": f"{series}{kind[:3]}{number}",
        "account_no": f"A{account}",
        "occurred_at": f"2026-{month:02}-{day:02}T{chance.randrange(8, 18):02}:00:00+08:00",
        "amount_fen": lessons * 10_000,
        "contract_no": f"{series}C{account}-{contract}-{number // 40_000}",
        "lessons": f"{lessons}.00",
        "booked_on": f"2026-{month:02}-{day:02}",
        "feed_no": number,
    }


def _reversal(serial_no: str, original: Event) -> Event:
    return {
        "type": "reversal",
        "serial_no": serial_no,
        "account_no": original["account_no"],
        "occurred_at": original["occurred_at"].replace(":00:00+", ":30:00+"),
        "amount_fen": original["amount_fen"],
        "reverses_serial_no": original["serial_no"],
        "booked_on": original["booked_on"],
    }


def over_collected(institution: int) -> Event:
    """Return a payment of too many lessons, in a month in which there is no other."""
    return {
        "type": "deposit",
        "serial_no": f"over{institution}",
        "account_no": f"A{institution}",
        "occurred_at": "2026-02-20T10:00:00+08:00",
        "amount_fen": 720_000,
        "contract_no": f"over-{institution}",
        "lessons": "72.00",
    }
