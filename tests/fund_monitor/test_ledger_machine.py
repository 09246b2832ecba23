"""The ledger as a machine: whatever banks send, in whatever order, cut short wherever it may be.

Every run posts onto a real store, and lessons are told and confirmed in between. After each step
the entries written before are unchanged; at the end every sum counted again agrees, the same events
at once give the same balances and lessons, and coverage is counted anew by a plain judge.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.fund_monitor.app.banks.check_events import digest_of
from services.fund_monitor.app.ledger.post_batch import post_batch
from services.fund_monitor.app.lessons.answer_lessons import Answering, answer_lesson
from services.fund_monitor.app.lessons.state_lessons import ConfirmationDesk, state_in_parts
from services.fund_monitor.app.lessons.weigh_statements import Stated, Statement, Stater
from services.fund_monitor.domain.ledger.journal import JournalEntry
from services.fund_monitor.domain.lessons.confirmation import ConfirmationStands
from services.fund_monitor.domain.lessons.lessons import LESSON, HeldSession
from services.fund_monitor.domain.rules.coverage import DayTotal, Shortfall, shortfalls
from services.fund_monitor.store.contracts.contracts import ContractStore
from services.fund_monitor.store.fees.fee_rules import FeeRuleStore
from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.ledger.day_totals import day_totals
from services.fund_monitor.store.ledger.journal import entry_of_row
from services.fund_monitor.store.ledger.postings import PostingStore
from services.fund_monitor.store.lessons.confirmations import ConfirmationStore
from services.fund_monitor.store.lessons.consumption import ConsumptionStore
from services.fund_monitor.store.lessons.lessons import LessonStore
from shared.audit.log import AuditLog, DigestKey, Who
from shared.city_time import city_date
from shared.contracts.bank import AcceptedEvent, BankBatch
from shared.mongo import Database, Session, connect, ensure_indexes, transact
from shared.working_days import WorkingDays
from tests.support.audit import audit_log
from tests.support.books import verified
from tests.support.contracts import INSTITUTION, a_contract
from tests.support.fund import an_institution
from tests.support.lessons import a_held_session

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

Event = dict[str, Any]
FIRST = datetime(2026, 3, 1, 1, tzinfo=UTC)
CODE = "52330481MJ000001XJ"
CONTRACTS = ("C1", "C2")
PRICE_FEN, LESSONS = 100_001, 7
DAYS = [date(2026, 3, 1) + timedelta(number) for number in range(61)]
LAST = DAYS[-1]
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
        an_event(number, account, "account_opened", institution_code=CODE)
        for number, account in enumerate(accounts)
    ]
    money: list[Event] = []
    for number in range(draw(st.integers(1, 14))):
        account, kind = draw(st.sampled_from(accounts)), draw(st.sampled_from(MONEY))
        more: Event = {"amount_fen": draw(st.integers(1, 200_000) | st.integers(1, 10**13))}
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


@dataclass(frozen=True)
class Told:
    """A session in one version, or, without one, a confirmed lesson of its contract."""

    session: HeldSession
    confirmed: bool = False


@st.composite
def lessons(draw: st.DrawFn) -> list[Told]:
    """Return sessions of overlapping times in several versions, and confirmations."""
    told: list[Told] = []
    for number in range(draw(st.integers(0, 5))):
        versions = range(1, draw(st.integers(1, 3)) + 1)
        told += [Told(a_session(draw, f"s{number}", version)) for version in versions]
    confirmed = range(draw(st.integers(0, 3)))
    told += [Told(a_session(draw, f"n{number}", 1), confirmed=True) for number in confirmed]
    return told


def a_session(draw: st.DrawFn, name: str, version: int) -> HeldSession:
    started_at = FIRST + timedelta(minutes=draw(st.integers(0, 90)) * 20)
    return a_held_session(
        *draw(st.sets(st.sampled_from(CONTRACTS), min_size=1)),
        session_id=name,
        version=version,
        started_at=started_at,
        ended_at=started_at + timedelta(minutes=draw(st.sampled_from([30, 45]))),
    )


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[Told], list[tuple[bool, Told]]]:
    """Return lessons, and their tellings in any order; some are cut short, some are repeated."""
    told = draw(lessons())
    again = draw(st.lists(st.sampled_from(told), max_size=3)) if told else []
    sent: list[tuple[bool, Told]] = []
    for one in draw(st.permutations([*told, *again])):
        if draw(st.booleans()):
            sent.append((True, one))
        sent.append((False, one))
    return told, sent


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


class LessonsCutBeforeTheEnd(LessonStore):
    """Lessons of which the last thing is never reached."""

    async def judge_again(self, *_: object, **__: object) -> None:
        raise PowerCut


async def tell(db: Database, told: Told, *, cut: bool) -> None:
    store = LessonsCutBeforeTheEnd(db) if cut else LessonStore(db)
    try:
        await (confirm(db, told.session, store) if told.confirmed else store.take(told.session))
    except PowerCut:
        assert cut


async def confirm(db: Database, lesson: HeldSession, store: LessonStore) -> None:
    """State a lesson of one contract and confirm it; what was said before is left as it is."""
    desk = ConfirmationDesk(
        db=db,
        confirmations=ConfirmationStore(db),
        contracts=ContractStore(db),
        lessons=store,
        dated=FeeRuleStore(db),
        audit=audit_log(db),
        calendar=WorkingDays(),
    )
    who = Who(role="staff", office="culture_tourism_sports")
    statement = Statement(
        reference=lesson.session_id,
        told="t",
        institution_id=INSTITUTION,
        contract_no=min(lesson.attended),
        session_id=None,
        started_at=lesson.started_at,
        ended_at=lesson.ended_at,
        lessons=LESSON,
    )
    now = confirmed_at(lesson)
    [stated] = await state_in_parts([statement], desk=desk, by=Stater(who=who, sender="x", now=now))
    assert isinstance(stated, Stated)
    by = Answering(who, who.office, now)

    async def work(session: Session) -> None:
        one = stated.confirmations[0].id
        await answer_lesson(one, "confirm", desk=desk, by=by, session=session)

    with suppress(ConfirmationStands):
        await transact(db, work)


def confirmed_at(lesson: HeldSession) -> datetime:
    return lesson.ended_at + timedelta(days=2)


async def lesson_books(db: Database) -> dict[str, Any]:
    """Return what is kept of lessons; a confirmation's own id is not the same everywhere."""
    return {
        row["_id"]: [
            (one["started_at"], one["ended_at"], one["consumed_at"], len(one["twice"]))
            for one in row["lessons"]
        ]
        async for row in db["lesson_books"].find()
    }


Covered = tuple[list[tuple[int, int]], list[Shortfall]]
"""Balance and unconsumed value at the end of every day, and the days that are short."""


async def covered_as_kept(db: Database) -> Covered:
    """Return what is covered as the judge counts it."""
    accounts = [row["_id"] async for row in db["accounts"].find()]
    totals = [one for some in (await day_totals(db, accounts)).values() for one in some]
    changes = await ConsumptionStore(db).changes({INSTITUTION: accounts})
    totals += [DayTotal(day, 0, fen) for day, fen in changes.get(INSTITUTION, ())]
    ends = [
        (
            sum(one.balance_fen for one in totals if one.day <= day),
            sum(one.unconsumed_fen for one in totals if one.day <= day),
        )
        for day in DAYS
    ]
    return ends, shortfalls(totals, today=LAST, is_banking_day=lambda _: True)


async def covered_plainly(db: Database, told: Sequence[Told]) -> Covered:
    """Return what is covered, every day from the beginning: entries, tellings and terms alone."""
    entries = [entry_of_row(row) async for row in db["entries"].find()]
    counted = {no: plain_lessons(no, told) for no in CONTRACTS}
    starts = [city_date(start) for some in counted.values() for start, _ in some]
    ends: list[tuple[int, int]] = []
    for day in DAYS:
        until = [one for one in entries if city_date(one.occurred_at) <= day]
        unconsumed = sum(one.unconsumed_fen for one in until)
        for no, some in counted.items():
            unconsumed += plain_change(no, some, until, day, min(starts, default=day))
        ends.append((sum(one.balance_fen for one in until), unconsumed))
    changes = [
        DayTotal(day, end[0] - before[0], end[1] - before[1])
        for day, before, end in zip(DAYS, [(0, 0), *ends], ends, strict=False)
    ]
    return ends, shortfalls(changes, today=LAST, is_banking_day=lambda _: True)


def plain_change(
    no: str,
    lessons: Sequence[tuple[datetime, datetime]],
    until: Sequence[JournalEntry],
    day: date,
    known_from: date,
) -> int:
    """Return by how much lessons change the unconsumed value of one contract by a day's end."""
    if not lessons:
        return 0
    early = since = left = 0
    for one in until:
        if one.contract_no != no:
            continue
        fen = -sum(line.fen for line in one.lines if line.book == "prepaid.lessons")
        if "release" not in (one.type, one.reversed_type):
            left += fen
        elif city_date(one.occurred_at) < known_from:
            early -= fen
        else:
            since -= fen
    held = sum(city_date(counts_from) <= day for _, counts_from in lessons)
    worth = PRICE_FEN * min(held, LESSONS) // LESSONS
    return since - min(worth, max(left - early, since))


def plain_lessons(no: str, told: Sequence[Told]) -> list[tuple[datetime, datetime]]:
    """Return when a contract's lessons began and count from: sessions first, the earliest ends."""
    last: dict[str, HeldSession] = {}
    for one in told:
        if not one.confirmed:
            known = last.get(one.session.session_id, one.session)
            last[one.session.session_id] = max(known, one.session, key=lambda it: it.version)
    sessions = [(one, one.ended_at) for one in last.values() if no in one.attended]
    confirmed = [
        (one.session, confirmed_at(one.session))
        for one in told
        if one.confirmed and no == min(one.session.attended)
    ]
    taken: list[tuple[HeldSession, datetime]] = []
    for some in (sessions, confirmed):
        for lesson, counts_from in sorted(some, key=lambda it: (it[0].ended_at, it[0].started_at)):
            free = all(
                lesson.ended_at <= other.started_at or other.ended_at <= lesson.started_at
                for other, _ in taken
            )
            if free:
                taken.append((lesson, counts_from))
    return [(lesson.started_at, counts_from) for lesson, counts_from in taken]


async def run(
    url: str,
    events: list[Event],
    batches: list[tuple[bool, list[Event]]],
    told: list[Told],
    sent: list[tuple[bool, Told]],
) -> None:
    client = connect(url, username=None, password=None, database="machine")
    names = ("machine", "at_once")
    try:
        db, other = (client[name] for name in names)
        for each in (db, other):
            for collection in await each.list_collection_names():
                await each[collection].delete_many({})
            await ensure_indexes(each, INDEXES)
            await file_contracts(each)
        written: dict[str, Any] = {}
        chunk = len(sent) // len(batches) + 1
        for number, (cut, some) in enumerate(batches):
            await post(db, some, cut=cut)
            now = await entries(db)
            assert {key: now[key] for key in written} == written
            assert not cut or now == written
            written = now
            for broken, one in sent[number * chunk : (number + 1) * chunk]:
                before = await consumption(db)
                await tell(db, one, cut=broken)
                after = await consumption(db)
                assert {key: after[key] for key in before} == before

        await post(other, events)
        for one in told:
            await tell(other, one, cut=False)

        assert (await verified(db)).differences == ()
        assert await balances(db) == await balances(other)
        assert await lesson_books(db) == await lesson_books(other)
        assert await covered_as_kept(db) == await covered_plainly(db, told)
    finally:
        await client.close()


async def consumption(db: Database) -> dict[str, Any]:
    return {row["_id"]: row async for row in db["consumption_entries"].find()}


async def file_contracts(db: Database) -> None:
    """File two contracts of lessons that do not divide their price."""
    await db["institutions"].insert_one(an_institution())
    terms = a_contract(version=1, price_fen=PRICE_FEN, lessons=Decimal(LESSONS))
    filed = [replace(terms, contract_no=no) for no in CONTRACTS]

    async def work(session: Session) -> None:
        await ContractStore(db).put(filed, now=FIRST, session=session)

    await transact(db, work)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=deliveries(), told=tellings())
def test_the_books_hold_whatever_is_sent_and_wherever_it_is_cut(mongo, sent, told):
    asyncio.run(run(mongo.url, *sent, *told))
