"""Post what a partition delivered: all at once, and event by event where the store refuses one."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from services.fund_monitor.domain.banks.identity import account_key, identity_of
from services.fund_monitor.domain.banks.intake import Received, Refused
from services.fund_monitor.domain.ledger.posting import Event
from services.fund_monitor.store.ledger.postings import PostingStore
from shared.contracts.bank import BankBatch, batches_in
from shared.logs import log
from shared.mongo import refuses_a_document

MOST_EVENTS_AT_ONCE = 1_000


async def post_batch(
    bodies: Sequence[bytes], *, postings: PostingStore, traces: Sequence[str | None] | None = None
) -> int:
    """Post the events of some messages once each; raises when their content cannot be posted.

    ``traces`` has each message's trace; what is judged because of a message continues it.
    """
    messages = [batches_in(body) for body in bodies]
    await postings.add_refused(
        [one for batches in messages for batch in batches for one in _refused(batch)]
    )
    steps = traces or [None] * len(messages)
    received = [
        one
        for batches, step in zip(messages, steps, strict=True)
        for batch in batches
        for one in _received(batch, trace=step)
    ]
    for start in range(0, len(received), MOST_EVENTS_AT_ONCE):
        await postings.post(received[start : start + MOST_EVENTS_AT_ONCE])
    return len(received)


async def post_one_by_one(body: bytes, *, postings: PostingStore, trace: str | None = None) -> int:
    """Post a message of which the store refused something; only what it refuses is set aside."""
    every = [one for batch in batches_in(body) for one in _received(batch, trace=trace)]
    for received in every:
        try:
            await postings.post([received])
        except Exception as error:
            # Only what is about the event itself: whatever else it was, the message comes again.
            if not refuses_a_document(error):
                raise
            log.warning("posting.event_set_aside", error=type(error).__name__)
            reason = f"数据库拒绝保存此事件（{type(error).__name__}）"
            await postings.set_aside(received, reason=reason)
    return len(every)


def readable(body: bytes) -> bool:
    """Tell whether a message is a batch at all."""
    try:
        batches_in(body)
    except ValidationError:
        return False
    return True


def _refused(batch: BankBatch) -> list[Refused]:
    return [
        Refused(
            batch.bank,
            one.digest,
            tuple(one.problems),
            one.known,
            tuple(one.unknown_fields),
            batch.received_at,
        )
        for one in batch.refused
    ]


def _received(batch: BankBatch, *, trace: str | None) -> list[Received]:
    return [_one(batch, accepted.event, accepted.digest, trace) for accepted in batch.events]


def _one(batch: BankBatch, body: dict[str, object], digest: str, trace: str | None) -> Received:
    declared = batch.identity_fields
    reverses = None
    if body["type"] == "reversal":
        reverses = identity_of(batch.bank, body, declared=declared, prefix="reverses_")
    occurred_at = datetime.fromisoformat(str(body["occurred_at"])).astimezone(UTC)
    event = Event(
        identity_of(batch.bank, body, declared=declared),
        account_key(batch.bank, str(body["account_no"])),
        str(body["type"]),
        occurred_at,
        int(str(body.get("amount_fen", 0))),
        "lessons" in body,
        reverses,
        None if body.get("contract_no") is None else str(body["contract_no"]),
    )
    return Received(
        event,
        batch.bank,
        str(body["serial_no"]),
        digest,
        body,
        batch.webhook_id,
        batch.received_at,
        trace,
    )
