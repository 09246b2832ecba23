"""How fast money is posted and judged, beside a floor without framework and rules.

``floor`` below is what the same servers give to whoever writes only what must be written: fetch,
one transaction with identities, entries, balances and a contract upsert an event, ack. It knows no
reversal's original, no parked event, no rule, no audit chain and no page.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from pydantic_core import from_json
from pymongo import InsertOne, UpdateOne

from benchmarks.city import city
from benchmarks.door import intake, single
from benchmarks.draining import PROCESSES, Drain, drained, is_judged, is_posted
from benchmarks.harness import Results, Say, alternating, medians, ratio
from benchmarks.seeding import large_ledger
from services.fund_monitor.application import SERVICE
from services.fund_monitor.settings import FundMonitorSettings
from shared.messaging.connect import connect as connect_bus
from shared.messaging.permissions import inbox_prefix
from shared.messaging.topology import BANK_INTAKE, PARTITIONS, intake_consumer
from shared.mongo import Database, Session, connect, transact

_EVENTS, _QUICK_EVENTS = 200_000, 10_000
_ENTRIES_BEFORE, _QUICK_ENTRIES_BEFORE = 5_000_000, 200_000
_TAKEN_IN, _QUICK_TAKEN_IN = 100_000, 10_000
_SECONDS, _QUICK_SECONDS = 60, 5
_ROUNDS, _QUICK_ROUNDS = 3, 1
# A tutorial's pace is the same from the first event to the last: a part of the backlog tells it.
_TUTORIAL_PART, _TUTORIAL_AT_LEAST = 100, 400
_ACK_SECONDS = 10.0
_OURS = ("services.fund_monitor.main", "work")
_FLOOR = ("benchmarks.funds",)
_TUTORIAL = ("benchmarks.tutorial",)


async def funds(*, quick: bool, say: Say) -> Results:
    """Return how fast events are taken in, posted and judged, beside a floor and a tutorial."""
    events, rounds = (_QUICK_EVENTS, _QUICK_ROUNDS) if quick else (_EVENTS, _ROUNDS)
    before = _QUICK_ENTRIES_BEFORE if quick else _ENTRIES_BEFORE
    seconds = _QUICK_SECONDS if quick else _SECONDS
    taken_in = _QUICK_TAKEN_IN if quick else _TAKEN_IN
    few = max(_TUTORIAL_AT_LEAST, events // _TUTORIAL_PART)
    with city() as servers:
        say(f"每轮 {events:,} 个事件，{rounds} 轮，各 {PROCESSES} 个进程")
        async with large_ledger(servers, entries=before) as large:
            say(f"大账本已有 {before:,} 条分录")
            ours = Drain(command=_OURS, is_done=is_judged, events=events)
            floor = Drain(command=_FLOOR, is_done=is_posted, events=events)
            taught = Drain(command=_TUTORIAL, is_done=is_posted, events=few, a_request=1)
            seen = await alternating(
                {
                    "floor": partial(drained, servers, floor),
                    "drain": partial(drained, servers, ours),
                    "tutorial": partial(drained, servers, taught),
                    "drain_large": partial(large, ours),
                    "intake": partial(intake, servers, events=taken_in),
                    "single": partial(single, servers, seconds=seconds),
                },
                rounds=rounds,
                say=say,
            )
    return {
        "events": events,
        "entries_before": before,
        "rounds": rounds,
        "processes": PROCESSES,
        **{name: medians(figures) for name, figures in seen.items()},
        "ratios": {
            "drain_to_floor": ratio(seen, "drain", "floor"),
            "drain_to_tutorial": ratio(seen, "drain", "tutorial"),
            "drain_large_to_drain": ratio(seen, "drain_large", "drain"),
        },
    }


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
        await asyncio.gather(*(message.ack_sync(timeout=_ACK_SECONDS) for message in messages))


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
    asyncio.run(_floor())
