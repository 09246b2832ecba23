"""A ledger with years in it: documents as posting writes them, without waiting for posting."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from pymongo import InsertOne, UpdateOne, WriteConcern

from benchmarks.city import City
from benchmarks.draining import Drain, made_ready, worked_off
from benchmarks.traffic import BANK, SEEN_AT, Event, money
from services.fund_monitor.app.check_events import digest_of
from services.fund_monitor.domain.booking import entry_of
from services.fund_monitor.domain.identity import account_key, identity_of
from services.fund_monitor.domain.intake import Received
from services.fund_monitor.domain.posting import POSTED
from services.fund_monitor.domain.posting import Event as Posted
from services.fund_monitor.store.journal import Effects
from services.fund_monitor.store.rows import event_row
from shared.ids import new_id
from shared.mongo import Database

_AT_ONCE = 10_000


@asynccontextmanager
async def large_ledger(
    servers: City, *, entries: int
) -> AsyncIterator[Callable[[Drain], Awaitable[Mapping[str, float]]]]:
    """Keep one large ledger; what is given drains a backlog that is new to it."""
    settings = servers.settings()
    async with servers.wired(settings) as wires:
        await made_ready(wires)
        await seed(wires.kernel.db, entries=entries)
        rounds = count()

        async def drained(drain: Drain) -> Mapping[str, float]:
            again = replace(drain, series=f"{next(rounds)}-")
            return await worked_off(wires, settings, again)

        yield drained


async def seed(db: Database, *, entries: int) -> None:
    """Put so many entries into the ledger, with their events and all sums, judged already."""
    chance = random.Random(0)  # noqa: S311 - a benchmark, not a secret
    for first in range(0, entries, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, entries))
        kinds = chance.choices(["deposit", "release"], [55, 45], k=len(numbers))
        bodies = [
            money(number, kind, chance, series="old-")
            for number, kind in zip(numbers, kinds, strict=True)
        ]
        await _insert(db, bodies)
    await db["contract_positions"].update_many({"dirty": True}, {"$set": {"dirty": False}})


async def _insert(db: Database, bodies: list[Event]) -> None:
    posting = new_id()
    effects = Effects(posting)
    events = []
    for body in bodies:
        received = _received(body)
        entry = entry_of(received.event, body, turn=0)
        if entry is not None:
            effects.add(entry)
        events.append(InsertOne(event_row(received, POSTED, posting=posting, turns=1)))
    # What lies there before is not measured: it need not be on the disk before the next.
    quick = db.with_options(write_concern=WriteConcern(w=1, j=False))
    writes = effects.writes() | {
        "events": events,
        "accounts": [
            UpdateOne({"_id": key}, {"$inc": dict(totals)})
            for key, totals in effects.accounts.items()
        ],
    }
    for collection, some in writes.items():
        await quick[collection].bulk_write(some, ordered=False)


def _received(body: Event) -> Received:
    event = Posted(
        identity_of(BANK, body, declared=()),
        account_key(BANK, body["account_no"]),
        body["type"],
        datetime.fromisoformat(body["occurred_at"]).astimezone(UTC),
        body["amount_fen"],
        with_lessons=True,
        contract_no=body["contract_no"],
    )
    digest = digest_of(body)
    return Received(event, BANK, body["serial_no"], digest, body, "seeded", SEEN_AT, None)
