"""How a service runs: its loops side by side, its port, and a clean end."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from ssl import SSLContext

import uvicorn
from fastapi import FastAPI

from shared.cancelling import ended
from shared.http_protocol import HouseHttp
from shared.logs import log

Loop = Callable[[], Awaitable[None]]
_CALM_SECONDS = 1.0
# Longer than what connects keeps a connection: a request must not meet one that is just closing.
_KEPT_ALIVE_SECONDS = 75


async def run(
    loops: Sequence[Loop],
    *,
    app: FastAPI | None,
    host: str,
    port: int,
    tls: SSLContext | None = None,
) -> None:
    """Run loops and HTTP until SIGTERM or SIGINT; a loop that fails is begun again."""
    stop = asyncio.Event()
    running = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        running.add_signal_handler(sign, stop.set)
    tasks = [asyncio.create_task(_again_and_again(loop)) for loop in loops]
    server = None if app is None else _server(app, host, port, tls)
    serving = None if server is None else asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait(
        {stopping, *([serving] if serving else [])}, return_when=asyncio.FIRST_COMPLETED
    )
    if server is not None and serving is not None:
        server.should_exit = True
        await serving
    await ended(stopping, *tasks)


async def _again_and_again(loop: Loop) -> None:
    while True:
        try:
            await loop()
        except Exception as error:  # noqa: BLE001 - a loop must outlive whatever one turn meets
            log.error("loop.failed", loop=getattr(loop, "__qualname__", str(loop)), exc_info=error)
        await asyncio.sleep(_CALM_SECONDS)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: this module ends it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: FastAPI, host: str, port: int, tls: SSLContext | None) -> uvicorn.Server:
    return _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=_KEPT_ALIVE_SECONDS,
            http=HouseHttp,
            # Whom to believe about where a request came from is the city's setting: shared.origin.
            proxy_headers=False,
            ssl_context_factory=None if tls is None else lambda *_: tls,
        )
    )
