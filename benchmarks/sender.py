"""What a bank sends with: a signature, and connections that are kept; nothing else in the way."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, cast

from standardwebhooks import Webhook

from shared.ids import new_id

_HOST = "127.0.0.1"


class Connection:
    """One kept HTTP/1.1 connection, one request at a time.

    A client library's own work would be a third of what is measured at a thousand a second.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._line: _Line | None = None

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send a body and return the answer's status."""
        return await self.send(request_of(path, headers, body))

    async def send(self, request: bytes) -> int:
        """Send a request that is written already and return the answer's status."""
        if self._line is None or self._line.is_closed:
            loop = asyncio.get_running_loop()
            _, self._line = await loop.create_connection(_Line, _HOST, self._port)
        return await self._line.send(request)

    async def close(self) -> None:
        """Close it; the next request opens another."""
        if self._line is not None:
            self._line.close()
            self._line = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class _Line(asyncio.Protocol):
    """What comes back on a connection, read as it comes."""

    is_closed = True

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] | None = None
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.is_closed = False

    def send(self, request: bytes) -> asyncio.Future[int]:
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, ended, body = self._came.partition(b"\r\n\r\n")
        if not ended or self._answer is None:
            return
        _, _, length = head.lower().partition(b"\r\ncontent-length:")
        if len(body) < int(length.partition(b"\r\n")[0]):
            return
        self._came = b""
        if not self._answer.done():
            self._answer.set_result(int(head.split(b" ", 2)[1]))

    def connection_lost(self, error: Exception | None) -> None:
        self.is_closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("closed without an answer"))

    def close(self) -> None:
        self.is_closed = True
        self._transport.close()


def request_of(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", f"host: {_HOST}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


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
