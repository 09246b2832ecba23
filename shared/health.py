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


async def look(checks: dict[str, Check]) -> Health:
    """Make every round trip, each within three seconds."""
    found = dict(zip(checks, await asyncio.gather(*map(_one, checks.values())), strict=True))
    return Health(ready=all(said == "ok" for said in found.values()), checks=found)


async def _one(check: Check) -> str:
    try:
        await asyncio.wait_for(check(), _CHECK_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever fails is the answer
        return f"{type(error).__name__}: {error}"[:200]
    return "ok"


def health_router(checks: dict[str, Check]) -> APIRouter:
    """Return the two pages an orchestrator asks."""
    router = APIRouter(prefix="/health", tags=["运行状态"])

    @router.get("/live")
    async def live() -> dict[str, bool]:
        """Say that the process answers."""
        return {"live": True}

    @router.get("/ready", responses={503: {"model": Health}})
    async def ready(response: Response) -> Health:
        """Say whether every round trip succeeds."""
        health = await look(checks)
        response.status_code = 200 if health.ready else 503
        return health

    return router


async def report_ready(path: Path, checks: dict[str, Check], *, every_seconds: float = 1.0) -> None:
    """Write readiness to a file about every second, for a process without a port."""
    while True:
        health = await look(checks)
        staged = path.with_suffix(".tmp")
        staged.write_text(health.model_dump_json())
        staged.replace(path)
        await asyncio.sleep(every_seconds)
