"""Take a bank's request in: every event is stored on the bus, one synced message per partition."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.fund_monitor.app.banks.check_events import Checked, check_events
from services.fund_monitor.domain.banks.bank import Bank
from services.fund_monitor.domain.banks.identity import partition_of
from services.fund_monitor.store.banks.banks import BankStore
from services.fund_monitor.store.ledger.records import Recorded, RecordStore
from shared.city_time import city_date
from shared.clock import machine_now
from shared.contracts.bank import BankBatch
from shared.errors import Unavailable
from shared.logs import log
from shared.messaging.bundling import Publishing
from shared.messaging.topology import PARTITIONS, intake_subject
from shared.mongo import unreachable
from shared.problem import Problem

Status = Literal["accepted", "duplicate", "refused"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door says of one event."""

    index: int
    serial_no: str | None
    status: Status
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A signed request of a bank, as far as it has been read."""

    bank: Bank
    webhook_id: str
    body: bytes
    events: Sequence[object]


@dataclass(frozen=True, slots=True)
class Decision:
    """What each event is, and what it will be answered once what has not come before is stored."""

    checked: Sequence[Checked]
    answers: Sequence[Answer]
    fresh: Sequence[Checked]


async def take_in(
    request: Request, *, banks: BankStore, records: RecordStore, bus: Publishing, now: datetime
) -> list[Answer]:
    """Check, store and answer each event of a request; nothing is answered before it is stored."""
    decision = await decide(request, banks=banks, records=records, now=now)
    await store(request, decision, banks=banks, bus=bus, now=now)
    return list(decision.answers)


async def decide(
    request: Request, *, banks: BankStore, records: RecordStore, now: datetime
) -> Decision:
    """Check each event of a request, and say what it is; nothing is stored yet."""
    bank = request.bank
    if not bank.has_sent and not await banks.begin(bank):
        raise Unavailable("该银行的标识字段刚刚更改，请重发")
    checked = check_events(request.events, bank=bank.code, declared=bank.identity_fields, now=now)
    posted = await _posted(checked, records)
    repeated, known = _repeated(checked, posted)
    answers = [_answer(one, repeated=one.index in repeated, posted=posted) for one in checked]
    return Decision(checked, answers, [one for one in checked if one.index not in known])


async def store(
    request: Request, decision: Decision, *, banks: BankStore, bus: Publishing, now: datetime
) -> None:
    """Store what has not come before, and note that the bank has sent."""
    await _store(request, decision.fresh, bus=bus)
    await _note_sent(request.bank, banks, city_date(now))


async def _note_sent(bank: Bank, banks: BankStore, today: date) -> None:
    """Note once a day that the bank sends: what is stored is answered even where that fails."""
    if bank.last_sent_on is not None and bank.last_sent_on >= today:
        return
    try:
        await banks.note_sent(bank.code, today)
    except Exception as error:
        if not unreachable(error):
            raise
        log.warning("door.store_unreachable", error=type(error).__name__)


async def _posted(checked: Sequence[Checked], records: RecordStore) -> dict[str, Recorded]:
    """Look up what is recorded already; the door does without when the store is away."""
    try:
        return await records.recorded([one.identity for one in checked if one.identity])
    except Exception as error:
        if not unreachable(error):
            raise
        log.warning("door.store_unreachable", error=type(error).__name__)
        return {}


def _repeated(
    checked: Sequence[Checked], posted: Mapping[str, Recorded]
) -> tuple[set[int], set[int]]:
    """Return the events that are recorded with this body, or stand earlier in this request.

    The second set leaves out repeats under another number of the bank's feed: it has come, too.
    """
    seen: set[tuple[str, str]] = set()
    numbered: set[tuple[str, str, object]] = set()
    repeated, known = set(), set()
    for one in checked:
        if one.accepted is None or one.identity is None:
            continue
        body, number = (one.identity, one.accepted.digest), one.accepted.event.get("feed_no")
        recorded = posted.get(one.identity)
        if recorded is not None and recorded.digest == one.accepted.digest:
            seen.add(body)
            numbered.add((*body, recorded.feed_no))
        if body in seen:
            repeated.add(one.index)
            if number is None or (*body, number) in numbered:
                known.add(one.index)
        seen.add(body)
        numbered.add((*body, number))
    return repeated, known


async def _store(request: Request, checked: Sequence[Checked], *, bus: Publishing) -> None:
    by_partition: dict[int, list[Checked]] = {}
    for one in checked:
        by_partition.setdefault(_partition(request.bank.code, one), []).append(one)
    received_at = machine_now()
    body_digest = hashlib.sha256(request.body).hexdigest()
    await asyncio.gather(
        *(
            bus.publish(
                intake_subject(partition),
                _batch(request, members, received_at).model_dump_json().encode(),
                message_id=_message_id(request, partition, body_digest),
            )
            for partition, members in by_partition.items()
        )
    )


def _partition(bank: str, one: Checked) -> int:
    if one.account_no is None:
        return 0
    return partition_of(bank, one.account_no, partitions=PARTITIONS)


def _batch(request: Request, members: Sequence[Checked], received_at: datetime) -> BankBatch:
    return BankBatch(
        bank=request.bank.code,
        webhook_id=request.webhook_id[:64],
        received_at=received_at,
        identity_fields=request.bank.identity_fields,
        events=[one.accepted for one in members if one.accepted is not None],
        refused=[one.refused for one in members if one.refused is not None],
    )


def _message_id(request: Request, partition: int, body_digest: str) -> str:
    """Name a message by its body too: a reused webhook-id must never hide another body."""
    parts = f"{request.bank.code}\n{request.webhook_id}\n{partition}\n{body_digest}"
    return "sha256:" + hashlib.sha256(parts.encode()).hexdigest()


def _answer(one: Checked, *, repeated: bool, posted: Mapping[str, Recorded]) -> Answer:
    if one.accepted is None:
        return Answer(one.index, one.serial_no, "refused", one.problem)
    if repeated:
        return Answer(one.index, one.serial_no, "duplicate")
    if one.identity in posted:
        return Answer(one.index, one.serial_no, "refused", IDENTITY_CONFLICT)
    return Answer(one.index, one.serial_no, "accepted")


IDENTITY_CONFLICT = Problem(
    type="urn:haining:problem:identity-conflict",
    title="同一交易标识已有不同内容",
    status=409,
    detail="此标识的事件已经收到且内容不同；本次内容已留存备查，不会入账",
)
