"""No request is read beyond a limit: bodies are read before anybody is asked who they are."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 1024 * 1024
_TOO_LARGE = 413


class BoundedBodies:
    """Ends the reading of a body that is too large, whatever its headers say."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                # Not a refusal of ours: what reads the body lets only this kind through.
                raise HTTPException(_TOO_LARGE)
            return message

        await self._app(scope, bounded if scope["type"] == "http" else receive, send)
