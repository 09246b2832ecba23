"""The nats-server of a stack or a test: its configuration, its command, its readiness."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import nats
from nats.aio.client import Client

from deploy.local.files import write_private
from shared.messaging.apply import apply
from shared.messaging.permissions import OPERATOR, inbox_prefix, server_config
from shared.messaging.topology import BANK_INTAKE

_TIMEOUT_SECONDS = 5
_RETRY_SECONDS = 0.02


def write_config(
    path: Path,
    *,
    public_keys: Mapping[str, str],
    store_dir: str,
    port: int,
    host: str = "127.0.0.1",
) -> None:
    """Write the server's configuration."""
    text = server_config(public_keys=public_keys, store_dir=store_dir, port=port, host=host)
    write_private(path, text)


def command(binary: Path, *, config: Path) -> list[str]:
    """Return what starts the server."""
    return [str(binary), "--config", str(config)]


async def connect(url: str, *, user: str, seed: Path, **options: object) -> Client:
    """Connect as one user, with that user's inbox."""
    return await nats.connect(
        url,
        nkeys_seed=str(seed),
        inbox_prefix=inbox_prefix(user).encode(),
        **{"name": f"{user}-local-stack", "connect_timeout": _TIMEOUT_SECONDS, **options},
    )


@asynccontextmanager
async def operator(url: str, *, seed: Path) -> AsyncIterator[Client]:
    """Be the operator for a moment; a server that is away is an error and not a wait."""

    async def quiet(_error: Exception) -> None:
        """The caller gets the exception; the client's own report of it would be a second one."""

    # The client tries a server that is away again and again, also when told not to reconnect.
    async with asyncio.timeout(_TIMEOUT_SECONDS):
        client = await connect(
            url,
            user=OPERATOR,
            seed=seed,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=_RETRY_SECONDS,
            error_cb=quiet,
        )
    try:
        yield client
    finally:
        await client.close()


async def declare(url: str, *, seed: Path) -> None:
    """Make the declared streams and consumers."""
    async with operator(url, seed=seed) as client:
        await apply(client.jetstream(), replicas=1)


async def ready(url: str, *, seed: Path) -> None:
    """Do a round trip through JetStream; raise when there is none."""
    async with operator(url, seed=seed) as client:
        await client.jetstream().account_info()


async def declared(url: str, *, seed: Path) -> None:
    """Do a round trip to a stream of ours; raise when there is none."""
    async with operator(url, seed=seed) as client:
        await client.jetstream().stream_info(BANK_INTAKE.name)
