"""No request is read beyond a limit: bodies are read before anybody is asked who they are."""

import re
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 1024 * 1024
LARGE_BYTES: Final = 64 * 1024 * 1024
_TOO_LARGE = 413
# Files of banks. Their route asks who it is before it reads, and keeps nothing of it in memory.
_LARGE: Final = (("PUT", re.compile(r"/v1/banks/[^/]+/statements/[^/]+")),)


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
    large = any(scope["method"] == verb and at.fullmatch(scope["path"]) for verb, at in _LARGE)
    return LARGE_BYTES if large else MOST_BYTES
