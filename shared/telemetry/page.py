"""How figures are read: a page for who scrapes, and a file for a process without a port."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import pymongo
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, ProcessCollector, generate_latest

from shared.logs import log
from shared.telemetry.sight import Look, Sight

FRESH_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 5.0

Text = Callable[[], Awaitable[bytes]]


class Page:
    """The figures of one process as text. However often it is read, it seldom asks the servers."""

    def __init__(self, sight: Sight, *, fresh_seconds: float = FRESH_SECONDS) -> None:
        self._sight = sight
        self._fresh_seconds = fresh_seconds
        self._looked_at: float | None = None
        self._one_at_a_time = asyncio.Lock()
        self._seen_at = Gauge(
            "haining_look_timestamp_seconds",
            "When what must be asked for was last answered: older figures are stale.",
            ["what"],
            registry=sight.registry,
        )
        self._failures = Counter(
            "haining_look_failures",
            "Questions that were not answered in time.",
            ["what"],
            registry=sight.registry,
        )
        ProcessCollector(registry=sight.registry)

    async def text(self) -> bytes:
        """Return every figure, those of the servers at most a few seconds old."""
        async with self._one_at_a_time:
            now = time.monotonic()
            if self._looked_at is None or now - self._looked_at >= self._fresh_seconds:
                self._looked_at = now
                await asyncio.gather(*(self._look(*one) for one in self._sight.looks.items()))
        return generate_latest(self._sight.registry)

    async def _look(self, what: str, look: Look) -> None:
        try:
            # The driver's own limit, and no cancelling: what both ended at the same moment was seen
            # to hold the pool's lock for ever, with every transaction of the process behind it.
            with pymongo.timeout(_LOOK_SECONDS):
                await look()
        except Exception as error:  # noqa: BLE001 - whatever fails, the other figures are shown
            self._failures.labels(what).inc()
            log.warning("figures.look_failed", what=what, error=type(error).__name__)
        else:
            self._seen_at.labels(what).set_to_current_time()


def metrics_router(text: Text) -> APIRouter:
    """Return the page that is scraped; it names nobody, and is no part of the contract."""
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(await text(), media_type=CONTENT_TYPE_LATEST)

    return router


async def report_figures(path: Path, text: Text, *, every_seconds: float = FRESH_SECONDS) -> None:
    """Write the figures to a file every few seconds, whole each time."""
    while True:
        staged = path.with_suffix(".tmp")
        staged.write_bytes(await text())
        staged.replace(path)
        await asyncio.sleep(every_seconds)
