"""What a bank sends with: a signature, and connections that are kept; nothing else in the way."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from standardwebhooks import Webhook

from shared.ids import new_id

_HOST = "127.0.0.1"


class Connection:
    """One kept HTTP/1.1 connection, one request at a time.

    A client library's own work would be a third of what is measured at a thousand a second.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send a body and return the answer's status."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(_HOST, self._port)
        reader, writer = self._streams
        lines = [f"POST {path} HTTP/1.1", f"host: {_HOST}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        [length] = [line.partition(":")[2] for line in rest if line.startswith("content-length:")]
        await reader.readexactly(int(length))
        return int(first.split()[1])

    async def close(self) -> None:
        """Close it; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


@dataclass(frozen=True, slots=True)
class Sender:
    """A bank at a door, with its secret."""

    port: int
    secret: str
    _signing: list[Webhook] = field(default_factory=list)

    def connection(self) -> Connection:
        """Return a connection that is opened with its first request."""
        return Connection(self.port)

    def signed(self, body: bytes) -> Mapping[str, str]:
        """Return the headers with which a body goes out now."""
        name, now = new_id(), datetime.now(UTC)
        return {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer().sign(name, now, body.decode()),
        }

    def _signer(self) -> Webhook:
        # Made once: it opens the secret each time.
        if not self._signing:
            self._signing.append(Webhook(self.secret))
        return self._signing[0]
