"""A connection to the bus that never gives up, and says aloud what it lacks."""

from pathlib import Path

import nats
from nats.aio.client import Client

from shared.logs import log
from shared.messaging.permissions import inbox_prefix


async def _on_error(error: Exception) -> None:
    log.warning("bus.error", error=repr(error))


async def connect(url: str, *, user: str, seed_file: Path) -> Client:
    """Connect as one user, with its own inbox; reconnects for ever."""
    return await nats.connect(
        url,
        name=user,
        nkeys_seed=str(seed_file),
        inbox_prefix=inbox_prefix(user).encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.5,
        ping_interval=5,
        max_outstanding_pings=2,
        error_cb=_on_error,
    )
