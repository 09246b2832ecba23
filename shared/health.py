"""Liveness looks at the process alone; readiness makes a round trip to everything it needs."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter, Response
from pydantic import BaseModel

Check = Callable[[], Awaitable[None]]
_CHECK_SECONDS = 3.0


class Health(BaseModel):
    """Whether the service is ready, and which round trip says otherwise."""

    ready: bool
    checks: dict[str, str]


class RoundTrips:
    """What must answer, asked side by side; a question that is not answered yet is not repeated.

    Nor is it cancelled: on Python 3.11 a cancellation that meets the driver's own time-out leaves
    the lock of its topology held for ever, and the service never hears of its server again. What
    the driver does has limits of its own.
    """

    def __init__(self, checks: dict[str, Check]) -> None:
        self._checks = checks
        self._asked: dict[str, asyncio.Task[None]] = {}

    async def look(self) -> Health:
        """Make every round trip and wait three seconds at the most."""
        names = list(self._checks)
        found = dict(zip(names, await asyncio.gather(*map(self._one, names)), strict=True))
        return Health(ready=all(said == "ok" for said in found.values()), checks=found)

    async def _one(self, name: str) -> str:
        asked = self._asked.get(name)
        if asked is None:
            asked = self._asked[name] = asyncio.create_task(_ask(self._checks[name]))
        await asyncio.wait({asked}, timeout=_CHECK_SECONDS)
        if not asked.done():
            return f"{_CHECK_SECONDS:.0f} 秒内没有应答"
        if self._asked.get(name) is asked:
            del self._asked[name]
        error = asked.exception()
        return "ok" if error is None else f"{type(error).__name__}: {error}"[:200]


async def _ask(check: Check) -> None:
    await check()


def health_router(checks: dict[str, Check]) -> APIRouter:
    """Return the two pages an orchestrator asks."""
    router = APIRouter(prefix="/health", tags=["运行状态"])
    trips = RoundTrips(checks)

    @router.get("/live")
    async def live() -> dict[str, bool]:
        """Say that the process answers."""
        return {"live": True}

    @router.get("/ready", responses={503: {"model": Health}})
    async def ready(response: Response) -> Health:
        """Say whether every round trip succeeds."""
        health = await trips.look()
        response.status_code = 200 if health.ready else 503
        return health

    return router


async def report_ready(path: Path, checks: dict[str, Check], *, every_seconds: float = 1.0) -> None:
    """Write readiness to a file about every second, for a process without a port."""
    trips = RoundTrips(checks)
    while True:
        health = await trips.look()
        staged = path.with_suffix(".tmp")
        staged.write_text(health.model_dump_json())
        staged.replace(path)
        await asyncio.sleep(every_seconds)
