"""HTTP before it is a request: what cannot be read is refused as everything else is.

The server itself answers what is no HTTP in plain text, and collects the head of a request, its
line and headers, for as long as one comes: nothing of ours would ever see either.
"""

import asyncio
from http import HTTPStatus
from typing import Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.problem import MEDIA_TYPE, Problem
from shared.tls import CLIENT_CERTIFICATE, shown_on

MOST_HEAD_BYTES: Final = 64 * 1024

_UNREADABLE: Final = Problem(
    type="urn:haining:problem:unreadable-request",
    title="不是有效的 HTTP 请求",
    status=400,
    # What people meet most often: a name typed into an address as it is.
    detail="请检查请求行、请求头和分块；地址里的中文须经百分号编码。",
)
_HEAD_TOO_LARGE: Final = Problem(
    type="urn:haining:problem:head-too-large", title="请求行和请求头过大", status=431
)


class HouseHttp(HttpToolsProtocol):
    """One connection; a head that grows too large ends it."""

    _in_head = True
    _head_bytes = 0
    _certificate: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """Note once for all requests of a connection which certificate its client showed."""
        super().connection_made(transport)
        self._certificate = shown_on(transport)

    def data_received(self, data: bytes) -> None:
        """Take in what came, and end a head that grows beyond all measure."""
        super().data_received(data)
        # What came with the end of the head may be a part of the body: only a head that goes on
        # is counted.
        if self._in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(_HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin to count anew with each request of a connection."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        if self._certificate is not None:
            # Text of a header cannot come to stand here: a scope's names are the server's.
            cast("dict[str, object]", self.scope)[CLIENT_CERTIFICATE] = self._certificate

    def on_headers_complete(self) -> None:
        """Leave the body to those who read it, each within its own bound."""
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the server's own words
        """Answer what is no HTTP as every refusal is answered."""
        self._refuse(_UNREADABLE)

    def _refuse(self, problem: Problem) -> None:
        body = problem.model_dump_json(exclude_none=True, exclude_defaults=True).encode()
        status = HTTPStatus(problem.status)
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"content-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
