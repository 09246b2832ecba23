"""The ledger as a machine: whatever banks send, in whatever order, cut short wherever it may be.

Every run posts onto a real store. After each step the entries written before are unchanged; at the
end every sum counted again agrees, and the same events in one batch give the same balances.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.fund_monitor.app.check_events import digest_of
from services.fund_monitor.app.post_batch import post_batch
from services.fund_monitor.app.verify_books import verify_books
from services.fund_monitor.domain.rules.coverage import DayTotal, shortfalls
from services.fund_monitor.store.closings import ClosingStore
from services.fund_monitor.store.day_totals import day_totals
from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.journal import entry_of_row
from services.fund_monitor.store.postings import PostingStore
from services.fund_monitor.store.recount import Recount
from shared.audit.log import AuditLog, DigestKey
from shared.contracts.bank import AcceptedEvent, BankBatch
from shared.mongo import Database, connect, ensure_indexes
from tests.support.audit import audit_log

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

Event = dict[str, Any]
FIRST = datetime(2026, 3, 1, 1, tzinfo=UTC)
MONEY = ("opening_balance", "deposit", "release", "refund", "refund_returned", "withdrawal", "fee")


class PowerCut(Exception):
    """The process ends before its transaction commits."""


class CutBeforeTheEnd(AuditLog):
    """An audit log that is the last thing a posting reaches."""

    async def record(self, *_: object, **__: object) -> None:
        raise PowerCut


@st.composite
def traffic(draw: st.DrawFn) -> list[Event]:
    """Return openings, payments and what takes them back, each with an identity of its own."""
    accounts = [f"A{number}" for number in range(draw(st.integers(1, 2)))]
    events: list[Event] = [
        an_event(number, account, "account_opened", institution_code="52330481MJ000001XJ")
        for number, account in enumerate(accounts)
    ]
    money: list[Event] = []
    for number in range(draw(st.integers(1, 14))):
        account, kind = draw(st.sampled_from(accounts)), draw(st.sampled_from(MONEY))
        more: Event = {"amount_fen": draw(st.integers(1, 10**13))}
        if draw(st.booleans()):
            more["contract_no"] = draw(st.sampled_from(["C1", "C2"]))
        if draw(st.booleans()):
            more["lessons"] = draw(st.sampled_from(["0.50", "12.00", "61.00"]))
        money.append(an_event(100 + number, account, kind, **more))
    for number in range(draw(st.integers(0, 4))):
        original = draw(st.sampled_from(money))
        taken_back = {
            "amount_fen": original["amount_fen"],
            "reverses_serial_no": original["serial_no"],
        }
        money.append(an_event(200 + number, original["account_no"], "reversal", **taken_back))
    return [*events, *money]


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], list[tuple[bool, list[Event]]]]:
    """Return events, and batches that bring each at least once; some are cut short and repeated."""
    events = draw(traffic())
    sent = draw(st.permutations([*events, *draw(st.lists(st.sampled_from(events), max_size=5))]))
    batches: list[tuple[bool, list[Event]]] = []
    while sent:
        size = draw(st.integers(1, len(sent)))
        some, sent = list(sent[:size]), sent[size:]
        if draw(st.booleans()):
            batches.append((True, some))
        batches.append((False, some))
    return events, batches


def an_event(number: int, account: str, kind: str, **more: object) -> Event:
    moment = FIRST + timedelta(hours=7 * (number % 100))
    return {
        "type": kind,
        "serial_no": f"s{number}",
        "account_no": account,
        "occurred_at": moment.isoformat(),
        **({"account_kind": "custody"} if kind == "account_opened" else {}),
        **({"account_name": "甲预收费资金托管专户"} if kind == "account_opened" else {}),
        **({"agreement_no": "X-1"} if kind == "account_opened" else {}),
        **more,
    }


def message(events: Sequence[Event]) -> bytes:
    batch = BankBatch(
        bank="alpha",
        webhook_id="w",
        received_at=FIRST,
        identity_fields=(),
        events=[AcceptedEvent(digest=digest_of(event), event=event) for event in events],
        refused=[],
    )
    return batch.model_dump_json().encode()


async def post(db: Database, events: Sequence[Event], *, cut: bool = False) -> None:
    whole = audit_log(db)
    if not cut:
        await post_batch([message(events)], postings=PostingStore(db, whole))
        return
    postings = PostingStore(db, CutBeforeTheEnd(db, DigestKey("tests", b"tests")))
    with pytest.raises(PowerCut):
        await post_batch([message(events)], postings=postings)


async def entries(db: Database) -> dict[str, Any]:
    return {row["_id"]: row async for row in db["entries"].find()}


async def balances(db: Database) -> dict[str, tuple[int, int]]:
    return {
        row["_id"]: (row.get("balance_fen", 0), row.get("unconsumed_fen", 0))
        async for row in db["accounts"].find()
    }


async def covered_two_ways(db: Database) -> tuple[object, object]:
    """Return the days that are short, from what is kept of days and from the entries alone."""
    accounts = await db["accounts"].distinct("_id")
    kept = [one for some in (await day_totals(db, accounts)).values() for one in some]
    counted = [
        DayTotal(datetime.fromisoformat(row["day"]).date(), entry.balance_fen, entry.unconsumed_fen)
        async for row in db["entries"].find()
        for entry in [entry_of_row(row)]
    ]
    last = (FIRST + timedelta(days=60)).date()
    found = [
        shortfalls(totals, today=last, is_banking_day=lambda _: True) for totals in (kept, counted)
    ]
    return found[0], found[1]


async def run(url: str, events: list[Event], batches: list[tuple[bool, list[Event]]]) -> None:
    client = connect(url, username=None, password=None, database="machine")
    names = ("machine", "at_once")
    try:
        db, other = (client[name] for name in names)
        for each in (db, other):
            for collection in await each.list_collection_names():
                await each[collection].delete_many({})
            await ensure_indexes(each, INDEXES)
        written: dict[str, Any] = {}
        for cut, some in batches:
            await post(db, some, cut=cut)
            now = await entries(db)
            assert {key: now[key] for key in written} == written
            assert not cut or now == written
            written = now

        await post(other, events)

        assert (await verify_books(Recount(db), ClosingStore(db))).differences == ()
        assert await balances(db) == await balances(other)
        kept, counted = await covered_two_ways(db)
        assert kept == counted
    finally:
        await client.close()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=deliveries())
def test_the_books_hold_whatever_is_sent_and_wherever_it_is_cut(mongo, sent):
    asyncio.run(run(mongo.url, *sent))
