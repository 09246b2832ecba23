"""Signatures of banks and platforms, made over the very bytes that go out."""

from datetime import UTC, datetime
from typing import Final

import requests
from standardwebhooks import Webhook

from shared.ids import new_id

_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")

STRANGER: Final = "nobody-knows"
"""A sender that was never added."""


def sign(request: requests.PreparedRequest, secret: str) -> bool:
    """Sign a request as it will be sent; ``False`` when its body is no text and cannot be signed.

    Twenty bad signatures would shut the door to this sender: what stays unsigned must go to one
    that nobody knows.
    """
    body = body_of(request)
    for name in _HEADERS:
        request.headers.pop(name, None)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    now, identifier = datetime.now(UTC), new_id()
    request.headers["webhook-id"] = identifier
    request.headers["webhook-timestamp"] = str(int(now.timestamp()))
    request.headers["webhook-signature"] = Webhook(secret).sign(identifier, now, text)
    return True


def body_of(request: requests.PreparedRequest) -> bytes:
    """Return a prepared request's body as it is sent."""
    body = request.body or b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    raise TypeError("a body is made whole before it is signed")
