"""A ledger with years in it: documents as posting writes them, without waiting for posting.

Some are made as posting makes them; the store itself then writes the rest from these, under other
serial and contract numbers, and builds its indexes when all is there.
"""

import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from pymongo import AsyncMongoClient, InsertOne, UpdateOne, WriteConcern

from benchmarks.city import City
from benchmarks.draining import Drain, made_ready, worked_off
from benchmarks.traffic import BANK, SEEN_AT, Event, money
from services.fund_monitor.app.banks.check_events import digest_of
from services.fund_monitor.domain.banks.identity import account_key, identity_of
from services.fund_monitor.domain.banks.intake import Received
from services.fund_monitor.domain.ledger.booking import entry_of
from services.fund_monitor.domain.ledger.posting import POSTED
from services.fund_monitor.domain.ledger.posting import Event as Posted
from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.ledger.day_totals import ACCOUNT_MONTHS, SUMS
from services.fund_monitor.store.ledger.journal import Effects
from services.fund_monitor.store.rows import event_row
from shared.ids import new_id
from shared.mongo import Database, Row, ensure_indexes

_AT_ONCE = 10_000
_MADE_HERE = 50_000
_SERIES = "old-"
# Fields that name an event or a contract, in each collection; its copies are named after them.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "events": ("_id", "serial_no", "body.serial_no", "body.contract_no"),
    "entries": ("_id", "event", "contract_no", "pupil", "name"),
    "contract_positions": ("_id", "contract_no"),
}


@asynccontextmanager
async def large_ledger(
    servers: City, *, entries: int
) -> AsyncIterator[Callable[[Drain], Awaitable[Mapping[str, float]]]]:
    """Keep one large ledger; what is given drains a backlog that is new to it."""
    settings = servers.settings()
    async with servers.wired(settings) as wires:
        await made_ready(wires)
        # A client of its own: what the store writes for itself takes longer than any request may.
        patient: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(servers.mongo.url)
        async with patient:
            await seed(patient[settings.mongo_database], entries=entries)
        rounds = count()

        async def drained(drain: Drain) -> Mapping[str, float]:
            again = replace(drain, series=f"{next(rounds)}-")
            return await worked_off(wires, settings, again)

        yield drained


async def seed(db: Database, *, entries: int) -> None:
    """Put so many entries into the ledger, with their events and all sums, judged already."""
    # What lies there before is not measured: it need not be on the disk before the next.
    db = db.with_options(write_concern=WriteConcern(w=1, j=False))
    chance = random.Random(0)  # noqa: S311 - a benchmark, not a secret
    made = min(entries, _MADE_HERE)
    for first in range(0, made, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, made))
        kinds = chance.choices(["deposit", "release"], [55, 45], k=len(numbers))
        bodies = [
            money(number, kind, chance, series=_SERIES)
            for number, kind in zip(numbers, kinds, strict=True)
        ]
        await _insert(db, bodies)
    if entries > made:
        await _multiply(db, entries // made)


async def _multiply(db: Database, times: int) -> None:
    """Let there be so many of each event, and the sums of them all."""
    for collection in _NAMES:
        await db[collection].drop_indexes()
        await db[collection].aggregate(_copied(collection, times), allowDiskUse=True)
        if collection in INDEXES:
            await ensure_indexes(db, {collection: INDEXES[collection]})
    await db[ACCOUNT_MONTHS].update_many({}, _times(times))
    async for row in db["accounts"].find({}):
        counted: Row = {name: row[name] * times for name in (*SUMS, "entries") if name in row}
        by_type = {f"by_type.{kind}": fen * times for kind, fen in row.get("by_type", {}).items()}
        # The account's opening is an event of which there is one.
        posted = (row["posted"] - 1) * times + 1
        made = {"$set": {**counted, **by_type, "posted": posted}}
        await db["accounts"].update_one({"_id": row["_id"]}, made)
    await db.client.admin.command("fsync")


def _times(times: int) -> list[Row]:
    """Return what multiplies every sum of every day."""
    sums: Row = {name: {"$multiply": [f"$$day.v.{name}", times]} for name in SUMS}
    day: Row = {"k": "$$day.k", "v": sums}
    of_days: Row = {"input": {"$objectToArray": "$days"}, "as": "day", "in": day}
    return [{"$set": {"days": {"$arrayToObject": {"$map": of_days}}}}]


def _copied(collection: str, times: int) -> list[Row]:
    """Return what writes a collection anew with copies beside each document of the series."""
    of_series = {"$regexMatch": {"input": "$_id", "regex": f"[|]{_SERIES}"}}
    named: Row = {
        name: {"$cond": [{"$eq": [{"$type": f"${name}"}, "string"]}, _suffixed(name), "$$REMOVE"]}
        for name in _NAMES[collection]
    }
    return [
        {"$set": {"copy": {"$range": [0, {"$cond": [of_series, times, 1]}]}}},
        {"$unwind": "$copy"},
        {"$set": {"after": {"$cond": ["$copy", {"$concat": ["-", {"$toString": "$copy"}]}, ""]}}},
        {"$set": named},
        {"$unset": ["copy", "after"]},
        {"$out": collection},
    ]


def _suffixed(name: str) -> Row:
    return {"$concat": [f"${name}", "$after"]}


async def _insert(db: Database, bodies: list[Event]) -> None:
    posting = new_id()
    effects = Effects(posting)
    events, posted = [], Counter[str]()
    for body in bodies:
        received = _received(body)
        entry = entry_of(received.event, body, turn=0)
        if entry is not None:
            effects.add(entry)
        posted[received.event.account] += 1
        events.append(InsertOne(event_row(received, POSTED, posting=posting, turns=1)))
    writes = effects.writes() | {
        "events": events,
        "accounts": [
            UpdateOne({"_id": key}, {"$inc": {**totals, "posted": posted[key]}})
            for key, totals in effects.accounts.items()
        ],
    }
    for collection, some in writes.items():
        await db[collection].bulk_write(some, ordered=False)


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
