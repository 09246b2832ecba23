"""Small messages that come at the same time, published as one: each message has its fixed price.

Storing, syncing, delivering and acknowledging a message costs the bus and its reader more than all
that is done for one small request.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from shared.telemetry.carried import carried

REST_SECONDS: Final = 0.05
SMALL_BYTES: Final = 4 * 1024
MOST_BYTES: Final = 64 * 1024


class Publishing(Protocol):
    """What stores a message on the bus, and raises ``Unavailable`` where it does not."""

    async def publish(self, subject: str, body: bytes, *, message_id: str) -> None:
        """Store a message; a repeat is a success."""
        ...


@dataclass(slots=True)
class _Bundle:
    """What goes out as one message."""

    bodies: list[bytes] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    size: int = 0
    sending: asyncio.Task[None] | None = None


class Bundling:
    """Publishes at once where a subject has rested, and else what comes until it has, together.

    Whoever sent a part learns what became of the whole. What is no small body goes alone, and so
    does what is traced: a message is of one trace.
    """

    def __init__(self, publisher: Publishing, *, join: Callable[[Sequence[bytes]], bytes]) -> None:
        self._publisher = publisher
        self._join = join
        self._open: dict[str, _Bundle] = {}
        self._rested_at: dict[str, float] = {}

    async def publish(self, subject: str, body: bytes, *, message_id: str) -> None:
        """Store a message, perhaps with others; raises what the publishing of all of them does."""
        if len(body) > SMALL_BYTES or carried():
            await self._publisher.publish(subject, body, message_id=message_id)
            return
        bundle = self._open.get(subject)
        if bundle is None or bundle.sending is None or bundle.size + len(body) > MOST_BYTES:
            bundle = self._open[subject] = _Bundle()
            bundle.sending = asyncio.create_task(self._send(subject, bundle))
        bundle.bodies.append(body)
        bundle.ids.append(message_id)
        bundle.size += len(body)
        # Whoever gives up waiting does not end it for the others.
        await asyncio.shield(bundle.sending)

    async def _send(self, subject: str, bundle: _Bundle) -> None:
        await asyncio.sleep(self._rested_at.get(subject, 0.0) - time.monotonic())
        self._rested_at[subject] = time.monotonic() + REST_SECONDS
        if self._open.get(subject) is bundle:
            del self._open[subject]
        if len(bundle.bodies) == 1:
            [body], [message_id] = bundle.bodies, bundle.ids
        else:
            body = self._join(bundle.bodies)
            message_id = "sha256:" + hashlib.sha256("\n".join(bundle.ids).encode()).hexdigest()
        await self._publisher.publish(subject, body, message_id=message_id)
