"""No request is read beyond a limit: bodies are read before anybody is asked who they are."""

import re
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 1024 * 1024
LARGE_BYTES: Final = 64 * 1024 * 1024
SHEET_BYTES: Final = 32 * 1024 * 1024
_TOO_LARGE = 413


@dataclass(frozen=True, slots=True)
class Larger:
    """A route that takes a file; it asks who it is before it reads, and holds nothing of it."""

    method: str
    path: re.Pattern[str]
    most_bytes: int


# Every route that takes more than a message: files of banks, and sheets that people fill in.
LARGER: Final = (
    Larger("PUT", re.compile(r"/v1/banks/[^/]+/statements/[^/]+"), LARGE_BYTES),
    Larger("POST", re.compile(r"/v1/([^/]+/)+upload"), SHEET_BYTES),
)


class BoundedBodies:
    """Ends the reading of a body that is too large, whatever its headers say."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0
        most = _most(scope)

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                # Not a refusal of ours: what reads the body lets only this kind through.
                raise HTTPException(_TOO_LARGE)
            return message

        await self._app(scope, bounded if scope["type"] == "http" else receive, send)


def _most(scope: Scope) -> int:
    if scope["type"] != "http":
        return MOST_BYTES
    method, path = scope["method"], scope["path"]
    return next(
        (it.most_bytes for it in LARGER if it.method == method and it.path.fullmatch(path)),
        MOST_BYTES,
    )
