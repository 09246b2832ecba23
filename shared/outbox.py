"""Events leave a service only through its outbox, in the transaction that changed the data."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from opentelemetry.trace import SpanKind, Tracer
from pymongo import ASCENDING, IndexModel, UpdateOne

from shared.clock import machine_now
from shared.contracts.base import Channel, Contract
from shared.ids import new_id
from shared.logs import log
from shared.mongo import Database, Row, Session
from shared.telemetry.carried import HEADER, UNTRACED, carried, continued, kept

PUBLISH_TIMEOUT_SECONDS = 5.0
LEASE = timedelta(seconds=30)
BATCH = 256

OUTBOX_INDEXES = {
    "outbox": [
        IndexModel([("sent_at", ASCENDING), ("_id", ASCENDING)], name="unsent"),
        IndexModel([("key", ASCENDING), ("version", ASCENDING)], name="order_of_key", unique=True),
    ]
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event to publish: events of a ``key`` leave in the order of their ``version``."""

    channel: Channel[Any]
    key: str
    version: int
    tokens: dict[str, str]
    subject: str
    data: Contract


async def enqueue(
    db: Database, events: Sequence[Outgoing], *, session: Session, now: datetime
) -> None:
    """Add events to the outbox, in the caller's transaction."""
    if events:
        await db["outbox"].insert_many([_row(event, now) for event in events], session=session)


async def unsent(db: Database) -> int:
    """Count the events that wait to be sent."""
    return await db["outbox"].count_documents({"sent_at": None})


def _row(event: Outgoing, now: datetime) -> Row:
    identifier = new_id()
    envelope = event.channel.envelope(event.data, id=identifier, subject=event.subject, time=now)
    trace = kept()
    return {
        "_id": identifier,
        **({} if trace is None else {HEADER: trace}),
        "key": event.key,
        "version": event.version,
        "stream": event.channel.stream,
        "subject": event.channel.subject_for(**event.tokens),
        "body": envelope.model_dump_json(exclude_none=True),
        "sent_at": None,
        "stream_sequence": None,
        "leased_until": None,
        "leased_by": None,
    }


class Relay:
    """Publishes what waits in the outbox; several may run beside each other."""

    def __init__(
        self,
        db: Database,
        js: JetStreamContext,
        *,
        poll_seconds: float = 0.3,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self._rows = db["outbox"]
        self._js = js
        self._tracer = tracer
        self._poll_seconds = poll_seconds
        self._owner = new_id()
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look at once: something was committed."""
        self._wake.set()

    async def run(self) -> None:
        """Keep the outbox empty until cancelled."""
        while True:
            self._wake.clear()
            if await self.relay_once():
                continue
            try:
                await asyncio.wait_for(self._wake.wait(), self._poll_seconds)
            except TimeoutError:
                continue

    async def relay_once(self) -> int:
        """Lease the oldest rows, publish them in order of each key, mark them; return how many."""
        mine = await self._lease()
        by_key: dict[str, list[Row]] = {}
        for row in mine:
            by_key.setdefault(row["key"], []).append(row)
        sent = await asyncio.gather(*(self._publish_key(rows) for rows in by_key.values()))
        done = {identifier: place for places in sent for identifier, place in places.items()}
        if done:
            await self._mark_sent(done)
        if len(done) < len(mine):
            await self._release()
            await asyncio.sleep(self._poll_seconds)
        return len(done)

    async def _lease(self) -> list[Row]:
        now = machine_now()
        free = {"sent_at": None, "$or": [{"leased_by": None}, {"leased_until": {"$lt": now}}]}
        found = await self._rows.find(free, {"_id": 1}).sort("_id").limit(BATCH).to_list()
        if not found:
            return []
        await self._rows.update_many(
            {"_id": {"$in": [row["_id"] for row in found]}, **free},
            {"$set": {"leased_by": self._owner, "leased_until": now + LEASE}},
        )
        mine = await self._rows.find({"leased_by": self._owner, "sent_at": None}).to_list()
        return await self._in_order(mine)

    async def _in_order(self, mine: list[Row]) -> list[Row]:
        """Give back what an earlier row of the same key, not ours, must leave before."""
        keys = list({row["key"] for row in mine})
        others = {"key": {"$in": keys}, "sent_at": None, "leased_by": {"$ne": self._owner}}
        # Two relays that lease at once may take rows of one key in turns: 1 and 3 here, 2 there.
        first: dict[str, int] = {}
        async for row in self._rows.find(others, {"key": 1, "version": 1}):
            first[row["key"]] = min(row["version"], first.get(row["key"], row["version"]))
        early = {row["_id"] for row in mine if row["version"] > first.get(row["key"], inf)}
        if early:
            await self._rows.update_many(
                {"_id": {"$in": list(early)}, "leased_by": self._owner},
                {"$set": {"leased_by": None}},
            )
        kept = (row for row in mine if row["_id"] not in early)
        return sorted(kept, key=lambda row: row["version"])

    async def _mark_sent(self, places: dict[str, int]) -> None:
        """Say of each row that it was sent, and where it stands: a proof looks for it there."""
        now = machine_now()
        marks = [
            UpdateOne(
                {"_id": identifier},
                {"$set": {"sent_at": now, "stream_sequence": place, "leased_by": None}},
            )
            for identifier, place in places.items()
        ]
        await self._rows.bulk_write(marks, ordered=False)

    async def _publish_key(self, rows: list[Row]) -> dict[str, int]:
        """Return where the stream keeps each row; of a repeat it names the first one's place."""
        sent: dict[str, int] = {}
        for row in rows:
            try:
                with self._step(row) as headers:
                    stored = await self._js.publish(
                        row["subject"],
                        row["body"].encode(),
                        stream=row["stream"],
                        timeout=PUBLISH_TIMEOUT_SECONDS,
                        headers={"Nats-Msg-Id": row["_id"], **headers},
                    )
            except (NatsError, TimeoutError) as error:
                log.warning("relay.publish_failed", event_id=row["_id"], error=repr(error))
                break
            sent[row["_id"]] = stored.seq
        return sent

    @contextmanager
    def _step(self, row: Row) -> Iterator[dict[str, str]]:
        """Continue the trace of what enqueued a row; a row without one is not traced."""
        trace = row.get(HEADER)
        if trace is None:
            yield {}
            return
        step = f"{row['stream']} publish"
        with continued(self._tracer, step, [trace], kind=SpanKind.PRODUCER) as span:
            span.set_attribute("messaging.destination.name", row["subject"])
            yield carried()

    async def _release(self) -> None:
        await self._rows.update_many(
            {"leased_by": self._owner, "sent_at": None}, {"$set": {"leased_by": None}}
        )
