"""What sight costs: a backlog posted by the real loops on real servers, seen and unseen.

Seen is all that is on by default: spans of the batches, the judge, the relay and every commit,
written to a file, and the figures asked for and written every few seconds. Unseen has neither;
only the counters of each batch remain, which no setting turns off.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from joserfc.jwk import ECKey, OctKey

from benchmarks.harness import Results, Say, alternating, medians
from benchmarks.traffic import INSTITUTIONS, fill, open_accounts
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.application import SERVICE
from services.fund_monitor.events.intake import intake_waiting
from services.fund_monitor.loops import worker_loops
from services.fund_monitor.settings import FundMonitorSettings
from services.fund_monitor.store.figures import fund_looks
from services.fund_monitor.store.indexes import INDEXES
from shared.cancelling import ended
from shared.loops import kernel_loops
from shared.messaging.publish import Publisher
from shared.messaging.topology import BANK_INTAKE
from shared.mongo import Database
from shared.telemetry.page import Page, report_figures
from shared.wiring import Wires, wired
from tests.support.servers import CACHE, MongoServer, NatsServer, mongo_for_tests, nats_for_tests

_EVENTS, _ROUNDS = 30_000, 5
_QUICK_EVENTS, _QUICK_ROUNDS = 4_000, 1
_WARM_UP_EVENTS = 2_000
_PATIENCE_SECONDS = 120.0


async def sight(*, quick: bool, say: Say) -> Results:
    """Return throughput and processor time per event, seen and unseen, and what sight costs."""
    events, rounds = (_QUICK_EVENTS, _QUICK_ROUNDS) if quick else (_EVENTS, _ROUNDS)
    with (
        mongo_for_tests() as mongo,
        nats_for_tests() as nats,
        TemporaryDirectory(dir=CACHE) as folder,
    ):
        bench = _Bench(mongo, nats, Path(folder))
        say(f"每轮入账 {events:,} 个事件，{rounds} 轮，先热身一次")
        await bench.drain(_WARM_UP_EVENTS, seen=True)
        figures = await alternating(
            {
                "off": lambda: bench.drain(events, seen=False),
                "on": lambda: bench.drain(events, seen=True),
            },
            rounds=rounds,
            say=say,
        )
    return {
        "events": events,
        "rounds": rounds,
        **{name: medians(seen) for name, seen in figures.items()},
        "cost_percent": {
            "throughput": _cost(figures, "events_per_second", more_is_better=True),
            "processor": _cost(figures, "processor_us_per_event", more_is_better=False),
        },
    }


def _cost(
    figures: Mapping[str, Sequence[Mapping[str, float]]], name: str, *, more_is_better: bool
) -> float:
    """Return the median over the pairs of what sight took away, in percent."""
    pairs = zip(figures["off"], figures["on"], strict=True)
    lost = [
        1 - on[name] / off[name] if more_is_better else on[name] / off[name] - 1
        for off, on in pairs
    ]
    return round(100 * median(lost), 1)


@dataclass(slots=True)
class _Bench:
    """The two servers, and a database of its own for every run."""

    mongo: MongoServer
    nats: NatsServer
    folder: Path
    _runs: "count[int]" = field(default_factory=count)

    async def drain(self, events: int, *, seen: bool) -> dict[str, float]:
        """Post a backlog with the worker's loops; the filling before it is not measured."""
        name = f"bench{next(self._runs)}"
        settings = self._settings(name, seen=seen)
        async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
            db, tracer = wires.kernel.db, wires.kernel.sight.tracer
            bus = Publisher(wires.js, stream=BANK_INTAKE.name, tracer=tracer)
            await open_accounts(wires.kernel)
            expected = INSTITUTIONS + await fill(wires.kernel, bus, events=events)
            await _spans_sent(wires)
            began, worked = time.perf_counter(), time.process_time()
            async with _working(wires, settings) as tasks:
                await _posted(db, expected, tasks)
                await _spans_sent(wires)
                took, work = time.perf_counter() - began, time.process_time() - worked
                await _acknowledged(wires)
            await db.client.drop_database(name)
        return {"events_per_second": events / took, "processor_us_per_event": work / events * 1e6}

    def _settings(self, name: str, *, seen: bool) -> FundMonitorSettings:
        # No token is read here and nothing is unsealed, but a service does not start without keys.
        public = ECKey.generate_key("P-256").as_dict(private=False)
        jwks = _kept(self.folder / "jwks.json", {"keys": [public]})
        audit = _kept(self.folder / "audit.json", {"name": "bench", "secret": "00"})
        sealing = OctKey.generate_key(256, {"kid": "bench"}).as_dict(private=True)
        return FundMonitorSettings(
            port=1,
            mongo_url=self.mongo.url,
            mongo_database=name,
            nats_url=self.nats.url,
            nats_seed_file=self.nats.seed_file(SERVICE),
            jwks=str(jwks),
            token_issuer=SERVICE,
            token_audience=SERVICE,
            audit_key_file=audit,
            sealing_key_file=_kept(self.folder / "sealing.json", sealing),
            metrics_file=self.folder / "bench.prom" if seen else None,
            traces_file=self.folder / "bench.spans.jsonl" if seen else None,
        )


def _kept(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


@asynccontextmanager
async def _working(
    wires: Wires, settings: FundMonitorSettings
) -> AsyncIterator[Sequence[asyncio.Future[None]]]:
    """Run what a worker runs: the kernel's loops, posting, judging, and figures where asked for."""
    kernel = wires.kernel
    own = worker_loops(wires, settings, FundSight(kernel.sight))
    loops = [*kernel_loops(wires, settings), *own]
    kernel.sight.looks.update(fund_looks(kernel.sight.registry, kernel.db))
    page, path = Page(kernel.sight), settings.metrics_file
    if path is not None:
        loops.append(lambda: report_figures(path, page.text))
    tasks = [asyncio.ensure_future(loop()) for loop in loops]
    try:
        yield tasks
    finally:
        await ended(*tasks)


async def _spans_sent(wires: Wires) -> None:
    """Pay for every span where it was made: none is left to a later moment."""
    provider = wires.kernel.sight.provider
    if provider is not None:
        await asyncio.to_thread(provider.force_flush)


async def _posted(db: Database, expected: int, tasks: Sequence[asyncio.Future[None]]) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while await db["events"].estimated_document_count() < expected:
            if any(task.done() for task in tasks):
                raise RuntimeError("a loop of the worker has ended: nothing is measured like this")
            await asyncio.sleep(0.05)


async def _acknowledged(wires: Wires) -> None:
    """Leave nothing to the next run: what is posted is acknowledged a moment later."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while await intake_waiting(wires.js):  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.1)
