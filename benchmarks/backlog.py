"""A backlog of bank events on the bus, as the door leaves it: a message per partition."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from services.fund_monitor.app.take_in import Request, take_in
from services.fund_monitor.domain.bank import Bank
from services.fund_monitor.store.banks import BankStore
from services.fund_monitor.store.records import RecordStore
from shared.ids import new_id
from shared.kernel import Kernel
from shared.messaging.publish import Publisher

BANK = "alpha"
_INSTITUTIONS = 50
_EVENTS_A_REQUEST = 500
_SEEN_AT = datetime(2026, 6, 30, 10, tzinfo=UTC)


async def fill(kernel: Kernel, bus: Publisher, *, events: int) -> None:
    """Send so many events in through the door's own use case, past its signature."""
    bank = Bank(BANK, BANK, identity_fields=(), secrets=(), has_sent=True)
    banks, records = BankStore(kernel.db, kernel.audit), RecordStore(kernel.db)
    for request in _requests(events):
        signed = Request(bank, new_id(), new_id().encode(), request)
        with kernel.sight.tracer.start_as_current_span("request"):
            await take_in(signed, banks=banks, records=records, bus=bus, now=_SEEN_AT)


def _requests(events: int) -> Iterator[list[object]]:
    every = [_opened(n) for n in range(_INSTITUTIONS)]
    every += [_deposit(n) for n in range(events - _INSTITUTIONS)]
    for start in range(0, events, _EVENTS_A_REQUEST):
        yield list(every[start : start + _EVENTS_A_REQUEST])


def _opened(number: int) -> dict[str, Any]:
    return {
        "type": "account_opened",
        "serial_no": f"open-{number}",
        "account_no": f"A{number}",
        "occurred_at": "2026-02-16T09:30:00+08:00",
        "institution_code": f"52330481MJ{number:06}XX",
        "account_kind": "custody",
        "account_name": f"第{number}家培训机构预收费资金托管专户",
        "agreement_no": f"X-{number}",
    }


def _deposit(number: int) -> dict[str, Any]:
    return {
        "type": "deposit",
        "serial_no": f"d{number}",
        "account_no": f"A{number % _INSTITUTIONS}",
        "occurred_at": f"2026-03-{number % 28 + 1:02}T10:00:00+08:00",
        "amount_fen": 10_000 + number % 977,
        "contract_no": f"C{number % 4_000}",
    }
