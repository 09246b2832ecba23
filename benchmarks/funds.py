"""How fast money is posted and judged, beside a floor without framework and rules.

``floor`` below is what the same servers give to whoever writes only what must be written: fetch,
one transaction with identities, entries, balances and a contract upsert an event, ack. It knows no
reversal's original, no parked event, no rule, no audit chain and no page.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from pydantic_core import from_json
from pymongo import InsertOne, UpdateOne

from benchmarks.city import City, city, ended_early, programs, register_institutions
from benchmarks.harness import Results, Say, alternating, medians
from benchmarks.traffic import INSTITUTIONS, fill, open_accounts
from services.fund_monitor.events.intake import intake_waiting
from services.fund_monitor.main import SERVICE
from services.fund_monitor.settings import FundMonitorSettings
from shared.marks import MarkStore
from shared.messaging.connect import connect as connect_bus
from shared.messaging.permissions import inbox_prefix
from shared.messaging.publish import Publisher
from shared.messaging.topology import BANK_INTAKE, PARTITIONS, intake_consumer
from shared.mongo import Database, Session, connect, transact

PROCESSES = 2
_EVENTS, _ROUNDS = 200_000, 3
_QUICK_EVENTS, _QUICK_ROUNDS = 10_000, 1
_PATIENCE_SECONDS = 900.0
_OURS = ("services.fund_monitor.main", "work")
_FLOOR = ("benchmarks.funds", "floor")

Done = Callable[[Database, JetStreamContext, int], Awaitable[bool]]


async def funds(*, quick: bool, say: Say) -> Results:
    """Return how fast a backlog is posted and judged, beside the floor."""
    events, rounds = (_QUICK_EVENTS, _QUICK_ROUNDS) if quick else (_EVENTS, _ROUNDS)
    with city() as servers:
        say(f"每轮 {events:,} 个事件，{rounds} 轮，各 {PROCESSES} 个进程")
        seen = await alternating(
            {
                "floor": partial(drained, servers, _FLOOR, _is_posted, events=events),
                "drain": partial(drained, servers, _OURS, _is_judged, events=events),
            },
            rounds=rounds,
            say=say,
        )
    return {
        "events": events,
        "rounds": rounds,
        "processes": PROCESSES,
        **{name: medians(figures) for name, figures in seen.items()},
    }


async def drained(
    servers: City, command: Sequence[str], is_done: Done, *, events: int
) -> Mapping[str, float]:
    """Fill a backlog, let a program drain it, and tell how fast that was.

    Time runs from the first event that is recorded, so that no program's start is measured.
    """
    settings = servers.settings()
    async with servers.wired(settings) as wires:
        db, js = wires.kernel.db, wires.js
        await register_institutions(db)
        await open_accounts(wires.kernel)
        expected = INSTITUTIONS + await fill(wires.kernel, Publisher(js, stream=BANK_INTAKE.name), events=events)
        with programs(command, settings, processes=PROCESSES) as running:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                began = await _first_recorded(db)
                while not await is_done(db, js, expected):
                    await ended_early(running)
                    await asyncio.sleep(0.05)
                took = time.perf_counter() - began
    return {"events_per_second": events / took}


async def _first_recorded(db: Database) -> float:
    while await db["events"].estimated_document_count() == INSTITUTIONS:  # noqa: ASYNC110 - polled
        await asyncio.sleep(0.01)
    return time.perf_counter()


async def _is_posted(db: Database, js: JetStreamContext, expected: int) -> bool:
    posted = await db["events"].estimated_document_count() >= expected
    return posted and await intake_waiting(js) == 0


async def _is_judged(db: Database, js: JetStreamContext, expected: int) -> bool:
    return await _is_posted(db, js, expected) and await MarkStore(db).waiting() == 0


async def _floor() -> None:
    settings = FundMonitorSettings()
    client = connect(settings.mongo_url, username=None, password=None, database="admin")
    bus = await connect_bus(settings.nats_url, user=SERVICE, seed_file=settings.nats_seed_file)
    db, js = client[settings.mongo_database], bus.jetstream()
    await asyncio.gather(*(_floor_loop(db, js, number) for number in range(PARTITIONS)))


async def _floor_loop(db: Database, js: JetStreamContext, partition: int) -> None:
    reader = await js.pull_subscribe_bind(
        durable=intake_consumer(partition),
        stream=BANK_INTAKE.name,
        inbox_prefix=f"{inbox_prefix(SERVICE)}.".encode(),
    )
    while True:
        try:
            messages = await reader.fetch(16, timeout=5)
        except NatsTimeout:
            continue
        await transact(db, partial(_floor_batch, db, messages))
        await asyncio.gather(*(message.ack_sync() for message in messages))


async def _floor_batch(db: Database, messages: Sequence[Msg], session: Session) -> None:
    bodies = [from_json(message.data) for message in messages]
    events = {
        f"alpha|{event['account_no']}|{event['serial_no']}": (accepted["digest"], event)
        for body in bodies
        for accepted in body["events"]
        for event in [accepted["event"]]
    }
    known = db["events"].find({"_id": {"$in": list(events)}}, {"_id": 1}, session=session)
    for row in await known.to_list():
        del events[row["_id"]]
    if not events:
        return
    identities, entries, contracts = [], [], []
    balances: Counter[str] = Counter()
    for identity, (digest, event) in events.items():
        fen = event.get("amount_fen", 0) * (1 if event["type"] == "deposit" else -1)
        at = datetime.fromisoformat(event["occurred_at"])
        identities.append(InsertOne({"_id": identity, "digest": digest, "body": event}))
        balances[event["account_no"]] += fen
        lines = [{"book": "bank", "fen": fen}, {"book": "prepaid", "fen": -fen}]
        entry = {"_id": identity, "account": event["account_no"], "occurred_at": at, "lines": lines}
        entries.append(InsertOne(entry))
        contracts.append(
            UpdateOne(
                {"_id": f"{event['account_no']}|{event.get('contract_no')}"},
                {"$inc": {f"{event['type']}_fen": fen}},
                upsert=True,
            )
        )
    totals = [
        UpdateOne({"_id": key}, {"$inc": {"balance_fen": fen}}, upsert=True)
        for key, fen in balances.items()
    ]
    writes: dict[str, list[Any]] = {
        "events": identities,
        "entries": entries,
        "accounts": totals,
        "contract_positions": contracts,
    }
    for collection, some in writes.items():
        await db[collection].bulk_write(some, ordered=False, session=session)


if __name__ == "__main__":
    asyncio.run({"floor": _floor}[sys.argv[1]]())
