"""Wait for the record to come to something, and say what is wrong when it does not."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from deploy.demo.acting.doors import DemoFailed

_DEADLINE_SECONDS = 180.0
_PAUSE_SECONDS = 0.25


async def until(holds: Callable[[], Awaitable[bool]], *, failing: str) -> None:
    """Ask again and again until the answer is yes; after minutes of no, the demo has failed."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not await holds():
        if time.monotonic() > deadline:
            raise DemoFailed(f"{_DEADLINE_SECONDS:.0f} 秒后{failing}")
        await asyncio.sleep(_PAUSE_SECONDS)
