"""A department's own system: a real HTTP server on loopback that takes webhooks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from standardwebhooks import Webhook

from shared.notify.addresses import AddressRules
from tests.support.servers import free_port

LOOPBACK = AddressRules(networks=(IPv4Network("127.0.0.0/8"),), plain_http=True)
"""What a service must be allowed in order to reach a receiver here."""


@dataclass
class Receiver:
    """What came in on each path, and what each path answers: 204 unless told otherwise."""

    port: int
    posts: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    answers: dict[str, list[int]] = field(default_factory=dict)
    hanging: set[str] = field(default_factory=set)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "hook", *, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/{path}"

    def ids(self, path: str = "hook") -> list[str]:
        """Return the ``webhook-id`` of each post to a path, in their order."""
        return [headers["webhook-id"] for at, headers, _ in self.posts if at == path]

    def read(self, secret: str, path: str = "hook") -> list[dict[str, Any]]:
        """Return the bodies of a path, each with a signature that holds under the secret."""
        return [
            Webhook(secret).verify(body, headers) for at, headers, body in self.posts if at == path
        ]

    async def take(self, path: str, request: Request) -> Response:
        self.posts.append((path, dict(request.headers), (await request.body()).decode()))
        self.came.set()
        if path in self.hanging:
            await asyncio.Event().wait()
        answers = self.answers.get(path, [])
        status = answers.pop(0) if answers else 204
        return Response(status_code=status, headers={"location": self.url("elsewhere")})


@asynccontextmanager
async def receiver(*, certificate: Path | None = None) -> AsyncIterator[Receiver]:
    """Serve until the block ends; over TLS with a file that holds a certificate and its key."""
    taking = Receiver(free_port())
    app = FastAPI()
    app.add_api_route("/{path}", taking.take, methods=["POST", "GET"])
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=taking.port,
            log_config=None,
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate,
        )
    )
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(10):
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
        yield taking
    finally:
        server.should_exit = True
        await serving
