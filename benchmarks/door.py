"""A bank at the door: many events a request with posting beside it, and one event a request."""

import asyncio
import json
import random
import subprocess
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx

from benchmarks.city import City, any_port, ended_early, programs
from benchmarks.draining import PATIENCE_SECONDS, PROCESSES, is_posted, made_ready
from benchmarks.sender import Connection, Sender, request_of
from benchmarks.traffic import BANK, INSTITUTIONS, Event, money, over_collected, requests
from services.fund_monitor.app.banks.add_bank import add_bank
from services.fund_monitor.domain.banks.bank import Bank
from services.fund_monitor.domain.rules.over_collection import OVER_COLLECTION
from services.fund_monitor.store.banks.banks import BankStore
from shared.audit.log import Who
from shared.cancelling import ended
from shared.mongo import Database, transact
from shared.wiring import Wires

_SERVE = ("services.fund_monitor.main", "serve")
_WORK = ("services.fund_monitor.main", "work")
_PATH = f"/v1/banks/{BANK}/events"
_SENDERS = 8
_A_SECOND = 1_000
_CONNECTIONS = 256
_OVER_COLLECTED_EVERY = 200
_ACCEPTED = 202
_LOOK_SECONDS = 0.1
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A city whose door is open: its wires, and a bank that may send."""

    wires: Wires
    sender: Sender


async def intake(servers: City, *, events: int) -> Mapping[str, float]:
    """Send requests of 500 events while they are posted; tell how fast both were together."""
    async with _opened(servers) as city:
        waiting = list(requests(events))
        differing = {event["serial_no"] for request in waiting for event in request}
        began = time.perf_counter()

        async def send() -> None:
            async with city.sender.connection() as line:
                while waiting:
                    await _accepted(line, city.sender, waiting.pop(0))

        await asyncio.gather(*(send() for _ in range(_SENDERS)))
        answered = time.perf_counter() - began
        expected = INSTITUTIONS + len(differing)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await is_posted(city.wires.kernel.db, city.wires.js, expected):  # noqa: ASYNC110 - polled
                await asyncio.sleep(0.05)
        took = time.perf_counter() - began
    return {"events_per_second": events / took, "answered_per_second": events / answered}


async def single(servers: City, *, seconds: int) -> Mapping[str, float]:
    """Send one event a request at a fixed pace, whatever the answers take.

    Latency runs from the moment a request was due, so that a stall counts for all it holds up.
    """
    async with _opened(servers) as city:
        run = _Single(city)
        watching = asyncio.create_task(run.watch())
        try:
            took = await run.send_all(seconds * _A_SECOND)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not run.all_seen():  # noqa: ASYNC110 - polled
                    await asyncio.sleep(_LOOK_SECONDS)
        finally:
            await ended(watching)
        return run.figures(took)


class _Single:
    """One open loop: what is sent when, how long answers took, and when alerts were seen."""

    def __init__(self, city: Opened) -> None:
        self._city = city
        self._chance = random.Random(0)  # noqa: S311 - a benchmark, not a secret
        self._free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        self._latencies: list[float] = []
        self._failures = 0
        self._answered: dict[str, float] = {}
        self._alerted: dict[str, float] = {}

    async def send_all(self, requests: int) -> float:
        """Send every request when it is due and wait for the answers."""
        for _ in range(_CONNECTIONS):
            self._free.put_nowait(self._city.sender.connection())
        # Written and signed before the first is due: what a bank's own work costs is not measured.
        written = [self._written(number) for number in range(requests)]
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number, request in enumerate(written):
                due = began + number / _A_SECOND
                # A pause of less than nothing lets the answers be read as well.
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                tasks.create_task(self._send(number, request, due))
        took = time.perf_counter() - began
        while not self._free.empty():
            await self._free.get_nowait().close()
        return took

    def _written(self, number: int) -> bytes:
        institution = _over_collecting(number)
        event = (
            money(number, "deposit", self._chance, series=f"s{number}-")
            if institution is None
            else over_collected(institution)
        )
        body = json.dumps({"events": [event]}).encode()
        return request_of(_PATH, self._city.sender.signed(body), body)

    async def _send(self, number: int, request: bytes, due: float) -> None:
        line: Connection | None = None
        try:
            # A door that is no longer there must not keep sixty thousand requests waiting.
            async with asyncio.timeout(_ANSWER_SECONDS):
                line = await self._free.get()
                _must_be_accepted(await line.send(request))
        except (OSError, EOFError, RuntimeError):
            self._failures += 1
            if line is not None:
                await line.close()
            return
        finally:
            if line is not None:
                self._free.put_nowait(line)
        now = time.perf_counter()
        self._latencies.append(now - due)
        if (institution := _over_collecting(number)) is not None:
            self._answered[f"inst-{institution}"] = now

    async def watch(self) -> None:
        """Note when each over-collection's alert can be read for the first time."""
        alerts = self._city.wires.kernel.db["alerts"]
        asked = {"rule.code": OVER_COLLECTION.code, "window": "2026-02"}
        while True:
            # Of few alerts at a time: what looks shares the processors with what is measured.
            unseen = list(self._answered.keys() - self._alerted.keys())
            async for row in alerts.find({**asked, "about.id": {"$in": unseen}}, {"about": 1}):
                self._alerted[row["about"]["id"]] = time.perf_counter()
            await asyncio.sleep(_LOOK_SECONDS)

    def all_seen(self) -> bool:
        """Tell whether every over-collection that was accepted has its alert."""
        return self._answered.keys() <= self._alerted.keys()

    def figures(self, took: float) -> Mapping[str, float]:
        """Return the pace that was held, the failures, and what took how many milliseconds."""
        until_alert = [self._alerted[who] - at for who, at in self._answered.items()]
        return {
            "events_per_second": len(self._latencies) / took,
            "failures": self._failures,
            "p95_ms": percentile(self._latencies, 95) * 1_000,
            "p99_ms": percentile(self._latencies, 99) * 1_000,
            "alert_p99_ms": percentile(until_alert, 99) * 1_000,
        }


def _over_collecting(number: int) -> int | None:
    """Return the institution that a request pays too much to, of the few that do."""
    turn, over = divmod(number, _OVER_COLLECTED_EVERY)
    return turn if over == 0 and turn < INSTITUTIONS else None


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


async def _accepted(line: Connection, sender: Sender, events: Sequence[Event]) -> None:
    body = json.dumps({"events": events}).encode()
    _must_be_accepted(await line.post(_PATH, sender.signed(body), body))


def _must_be_accepted(status: int) -> None:
    if status != _ACCEPTED:
        raise RuntimeError(f"the door answered {status}")


@asynccontextmanager
async def _opened(servers: City) -> AsyncIterator[Opened]:
    """Run a door and the workers on a city with opened accounts and a bank."""
    settings = servers.settings(port=any_port())
    async with servers.wired(settings) as wires:
        await made_ready(wires)
        secret = await _bank(wires)
        with (
            programs(_SERVE, settings, processes=1) as serving,
            programs(_WORK, settings, processes=PROCESSES) as working,
        ):
            await _ready(settings.port, wires.kernel.db, [*serving, *working])
            yield Opened(wires, Sender(settings.port, secret))


async def _bank(wires: Wires) -> str:
    kernel = wires.kernel
    return await transact(
        kernel.db,
        lambda session: add_bank(
            Bank(BANK, BANK, identity_fields=()),
            banks=BankStore(kernel.db, kernel.audit),
            sealer=kernel.sealer,
            who=Who(role="admin"),
            now=kernel.clock.now(),
            session=session,
        ),
    )


async def _ready(port: int, db: Database, running: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait for the door to answer and for the workers to have begun."""
    async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient(trust_env=False) as client:
        while True:
            await ended_early(running)
            with suppress(httpx.TransportError):
                answer = await client.get(f"http://127.0.0.1:{port}/health/ready")
                if answer.is_success and await db["timers"].find_one({}) is not None:
                    return
            await asyncio.sleep(0.1)
