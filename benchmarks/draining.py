"""Draining: a backlog on the bus, processes that work it off, and how fast that was."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from nats.js import JetStreamContext

from benchmarks.city import City, ended_early, programs, register_institutions
from benchmarks.traffic import EVENTS_A_REQUEST, fill, open_accounts
from services.fund_monitor.events.intake import intake_waiting
from services.fund_monitor.settings import FundMonitorSettings
from shared.marks import MarkStore
from shared.messaging.publish import Publisher
from shared.messaging.topology import BANK_INTAKE
from shared.mongo import Database
from shared.wiring import Wires

PROCESSES = 2
# What takes longer is no figure; and a benchmark ends.
PATIENCE_SECONDS = 300.0

Done = Callable[[Database, JetStreamContext, int], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """What drains a backlog of so many events, and when it is drained."""

    command: Sequence[str]
    is_done: Done
    events: int
    a_request: int = EVENTS_A_REQUEST
    series: str = ""


async def drained(servers: City, drain: Drain) -> Mapping[str, float]:
    """Drain a backlog into a ledger that holds nothing but opened accounts."""
    settings = servers.settings()
    async with servers.wired(settings) as wires:
        await made_ready(wires)
        return await worked_off(wires, settings, drain)


async def made_ready(wires: Wires) -> None:
    """Register the institutions and open their accounts."""
    await register_institutions(wires.kernel.db)
    await open_accounts(wires.kernel)


async def worked_off(
    wires: Wires, settings: FundMonitorSettings, drain: Drain
) -> Mapping[str, float]:
    """Fill a backlog, let a program drain it, and tell how fast that was.

    Time runs from the first event that is recorded, so that no program's start is measured.
    """
    db, js = wires.kernel.db, wires.js
    before = await db["events"].estimated_document_count()
    bus = Publisher(js, stream=BANK_INTAKE.name)
    sent = await fill(
        wires.kernel, bus, events=drain.events, a_request=drain.a_request, series=drain.series
    )
    with programs(drain.command, settings, processes=PROCESSES) as running:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await db["events"].estimated_document_count() == before:
                await ended_early(running)
                await asyncio.sleep(0.01)
            began = time.perf_counter()
            while not await drain.is_done(db, js, before + sent):
                await ended_early(running)
                # Asking costs the servers as much as some hundred events.
                await asyncio.sleep(0.2)
            took = time.perf_counter() - began
    return {"events_per_second": drain.events / took}


async def is_posted(db: Database, js: JetStreamContext, expected: int) -> bool:
    """Tell whether every event is recorded and every message acknowledged."""
    posted = await db["events"].estimated_document_count() >= expected
    return posted and await intake_waiting(js) == 0


async def is_judged(db: Database, js: JetStreamContext, expected: int) -> bool:
    """Tell whether everything is posted and nothing waits to be judged."""
    return await is_posted(db, js, expected) and await MarkStore(db).waiting() == 0
