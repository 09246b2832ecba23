"""A service's own port of TLS, as outsiders reach it."""

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from shared.process import run
from shared.tls import Tls
from tests.support.certificates import Authority
from tests.support.servers import free_port
from tests.support.waiting import until


@asynccontextmanager
async def served_over_tls(
    app: FastAPI, city: Authority, *, clients: Authority
) -> AsyncIterator[str]:
    """Serve an application under a certificate of the city until the block ends; give the URL."""
    server = city.issue("server")
    port = free_port()
    tls = Tls(server.certificate, server.key, clients.root.certificate)
    serving = asyncio.create_task(run([], app=app, host="127.0.0.1", port=port, tls=tls.context()))
    url = f"https://127.0.0.1:{port}"
    context = ssl.create_default_context(cafile=city.root.certificate)

    async def answers() -> bool:
        async with httpx.AsyncClient(verify=context, trust_env=False) as client:
            try:
                return (await client.get(f"{url}/health/live")).is_success
            except httpx.TransportError:
                return False

    await until(answers)
    yield url
    os.kill(os.getpid(), signal.SIGTERM)
    await serving
