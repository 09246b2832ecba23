"""Wait for a condition, with a deadline instead of a guess."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(check: Callable[[], Awaitable[bool]], *, seconds: float = 30) -> None:
    """Ask until the answer is yes."""
    async with asyncio.timeout(seconds):
        while not await check():  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.02)
