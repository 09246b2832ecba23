"""A connection to the bus as one department, which remembers what the server refuses it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from nats.aio.client import Client

from deploy.local import nats_server
from shared.messaging.permissions import inbox_prefix

_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 5


class Line:
    """What a department can try on the bus, and the answer to it."""

    def __init__(self, client: Client, refusals: asyncio.Queue[str], *, department: str) -> None:
        self.client = client
        self._refusals = refusals
        self._inbox = f"{inbox_prefix(department)}.kit"

    async def allowed(self, subject: str, payload: bytes = b"") -> bool:
        """Send, and tell whether the server let it through."""
        await self.client.publish(subject, payload, reply=self._inbox)
        return await self._let_through()

    async def may_hear(self, subject: str) -> bool:
        """Subscribe for a moment, and tell whether the server allowed it."""
        subscription = await self.client.subscribe(subject)
        heard = await self._let_through()
        await subscription.unsubscribe()
        return heard

    async def _let_through(self) -> bool:
        # The server refuses before it answers the ping behind. The client writes its first ping
        # past what it still holds back, and the second one after it.
        for _ in range(2):
            await self.client.flush(timeout=_ANSWER_SECONDS)
        refused = not self._refusals.empty()
        while not self._refusals.empty():
            self._refusals.get_nowait()
        return not refused


@asynccontextmanager
async def line_of(department: str, *, url: str, seed: Path) -> AsyncIterator[Line]:
    """Connect as a department; a server that is away or refuses the seed is an error, no wait."""
    refusals: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        refusals.put_nowait(str(error))

    async with asyncio.timeout(_CONNECT_SECONDS):
        client = await nats_server.connect(
            url,
            user=department,
            seed=seed,
            name=f"{department}-kit",
            allow_reconnect=False,
            max_reconnect_attempts=1,
            error_cb=note,
        )
    try:
        yield Line(client, refusals, department=department)
    finally:
        await client.close()
