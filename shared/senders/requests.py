"""Signed requests as they come in over HTTP: their headers, and no more of a body than allowed."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header, Request

from shared.errors import TooLarge, TooSlow
from shared.in_hand import Held
from shared.origin import origin_of
from shared.senders.signing import SenderDoor, Signed

# Whoever sends slower than this holds memory for others; the largest body at 50 KiB a second.
BODY_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that claims to be a sender's; nothing of it is believed before it is verified."""

    request: Request
    webhook_id: str
    timestamp: str
    signature: str

    async def read(self, code: str, *, door: SenderDoor, most_bytes: int) -> Signed:
        """Return what was signed, unless its address is locked out or it is too large."""
        address = origin_of(self.request).address
        door.refuse_locked_out(code, address)
        with door.arriving.take() as held:
            body = await _body(self.request, most_bytes, held)
        return Signed(
            webhook_id=self.webhook_id,
            timestamp=self.timestamp,
            signature=self.signature,
            body=body,
            address=address,
        )


async def signed_request(
    request: Request,
    webhook_id: Annotated[str | None, Header()] = None,
    webhook_timestamp: Annotated[str | None, Header()] = None,
    webhook_signature: Annotated[str | None, Header()] = None,
) -> SignedRequest:
    """Return the request with the headers of Standard Webhooks."""
    return SignedRequest(
        request, webhook_id or "", webhook_timestamp or "", webhook_signature or ""
    )


def signed_by(request: Request) -> SignedRequest:
    """Return the same as ``signed_request``, for a route that looks for itself."""
    told = request.headers.get
    return SignedRequest(
        request,
        told("webhook-id", ""),
        told("webhook-timestamp", ""),
        told("webhook-signature", ""),
    )


SignedRequestDep = Annotated[SignedRequest, Depends(signed_request)]


async def _body(request: Request, most_bytes: int, held: Held) -> bytes:
    """Read no more than is allowed, whatever the request says of its length."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most_bytes:
        raise _too_large(most_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                held.grow(len(chunk))
                body += chunk
                if len(body) > most_bytes:
                    raise _too_large(most_bytes)
    except TimeoutError:
        raise TooSlow(f"请求体须在 {BODY_SECONDS:.0f} 秒内到齐，请重发") from None
    return bytes(body)


def _too_large(most_bytes: int) -> TooLarge:
    return TooLarge(f"请求体最大 {most_bytes // 1024} KiB，请分批报送")
