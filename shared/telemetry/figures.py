"""The figures every service has that must be asked for: of its store, and of its durables."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from nats.js import JetStreamContext
from prometheus_client import CollectorRegistry, Gauge

from shared.clock import machine_now
from shared.messaging.topology import Consumer, consumers_of
from shared.mongo import Database, Row
from shared.telemetry.sight import Look

MOST_COUNTED: Final = 100_000
"""A figure never counts further: what is beyond needs help, not a number."""

ALERTS_AS_THEY_STAND: Final[list[Row]] = [
    # Sorted first, so that the index alone answers: no alert is read for a figure.
    {"$sort": {"state": 1, "level": 1}},
    {"$group": {"_id": {"state": "$state", "level": "$level"}, "n": {"$sum": 1}}},
]

ALERTS_LATE: Final[list[Row]] = [
    # The index leaves what has ended aside: history grows, what is open does not.
    {"$match": {"state": {"$nin": ["disposed", "superseded"]}}},
    {"$limit": MOST_COUNTED},
    {"$unwind": "$lateness"},
    {"$match": {"lateness.stopped_at": None}},
    {"$group": {"_id": {"clock": "$lateness.clock", "level": "$level"}, "n": {"$sum": 1}}},
]

Count = Callable[[], Awaitable[int]]


def kernel_looks(
    registry: CollectorRegistry, db: Database, js: JetStreamContext, *, service: str
) -> dict[str, Look]:
    """Return what looks at a service's outbox, alerts, audit, notifications and durables."""
    return {
        "outbox": _outbox(registry, db),
        "dead_letters": counting(
            registry,
            "haining_dead_letters",
            "Messages set aside for people to read.",
            db["dead_letters"].estimated_document_count,
        ),
        "alerts": _alerts(registry, db),
        "audit": counting(
            registry,
            "haining_audit_unsealed",
            "Audit rows that wait to be chained.",
            counted(db, "audit", {"sealed": False}),
        ),
        "notifications": counting(
            registry,
            "haining_notifications_waiting",
            "Notifications that wait to be sent.",
            counted(db, "notifications", {"state": "waiting"}),
        ),
        "consumers": _consumers(registry, js, service=service),
    }


def counting(registry: CollectorRegistry, name: str, text: str, count: Count) -> Look:
    """Return what asks for one number and shows it."""
    gauge = Gauge(name, text, registry=registry)

    async def look() -> None:
        gauge.set(await count())

    return look


def counted(db: Database, collection: str, which: Mapping[str, Any]) -> Count:
    """Return what counts some documents of an index, as far as figures go."""

    async def count() -> int:
        return await db[collection].count_documents(which, limit=MOST_COUNTED)

    return count


def made_at(identifier: str) -> datetime:
    """Return when a UUIDv7 was made: its first 48 bits are milliseconds."""
    return datetime.fromtimestamp((UUID(identifier).int >> 80) / 1000, UTC)


def _outbox(registry: CollectorRegistry, db: Database) -> Look:
    waiting = Gauge("haining_outbox_waiting", "Events that wait to be sent.", registry=registry)
    age = Gauge(
        "haining_outbox_oldest_seconds",
        "Age of the oldest event that waits to be sent; 0 when none does.",
        registry=registry,
    )
    count = counted(db, "outbox", {"sent_at": None})

    async def look() -> None:
        oldest = await db["outbox"].find_one({"sent_at": None}, {"_id": 1}, sort=[("_id", 1)])
        waited = None if oldest is None else machine_now() - made_at(oldest["_id"])
        age.set(0 if waited is None else max(0.0, waited.total_seconds()))
        waiting.set(await count())

    return look


def _alerts(registry: CollectorRegistry, db: Database) -> Look:
    alerts = Gauge("haining_alerts", "Alerts as they stand.", ["state", "level"], registry=registry)

    late = Gauge(
        "haining_alerts_overdue",
        "Open alerts whose clock has passed and still waits for the lead.",
        ["clock", "level"],
        registry=registry,
    )

    async def look() -> None:
        for gauge, pipeline in ((alerts, ALERTS_AS_THEY_STAND), (late, ALERTS_LATE)):
            found = await db["alerts"].aggregate(pipeline, hint="by_state_and_level")
            rows = [row async for row in found]
            # What is no longer there must not be shown as it last was.
            gauge.clear()
            for row in rows:
                gauge.labels(**row["_id"]).set(row["n"])

    return look


def _consumers(registry: CollectorRegistry, js: JetStreamContext, *, service: str) -> Look:
    pending = Gauge(
        "haining_consumer_pending",
        "Messages on the bus that a durable has not yet been given.",
        ["consumer"],
        registry=registry,
    )
    unacknowledged = Gauge(
        "haining_consumer_unacknowledged",
        "Messages that a durable was given and has not acknowledged.",
        ["consumer"],
        registry=registry,
    )

    async def ask(consumer: Consumer) -> None:
        info = await js.consumer_info(consumer.stream, consumer.name)
        pending.labels(consumer.name).set(info.num_pending or 0)
        unacknowledged.labels(consumer.name).set(info.num_ack_pending or 0)

    async def look() -> None:
        # At once: a bus that is away is then waited for once, not once a durable.
        await asyncio.gather(*map(ask, consumers_of(service)))

    return look
