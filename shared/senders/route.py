"""A route of senders that is called without FastAPI's search for what it depends on.

Finding the four things that a signed door asks for took more processor time than its own work on a
small request. The route is declared and documented as every other is; only its call is direct.
"""

from collections.abc import Awaitable, Callable, Coroutine
from http import HTTPStatus
from typing import Any, cast

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from shared.senders.requests import signed_by

Endpoint = Callable[..., Awaitable[BaseModel]]
_JSON = "application/json"


class SignedRoute(APIRoute):
    """Calls ``endpoint(code, signed, rooms)``: whose request it is, the request, and its rooms.

    No dependency of the route, its router or the application runs: the table of access says that
    it is open to signatures, or the application does not start (``shared.access.enforcement``).
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request; its result is written as it is declared."""
        endpoint = cast("Endpoint", self.endpoint)
        [code] = self.param_convertors
        status = self.status_code or HTTPStatus.OK
        unset = self.response_model_exclude_unset

        async def handle(request: Request) -> Response:
            said = await endpoint(
                request.path_params[code], signed_by(request), request.app.state.rooms
            )
            return Response(said.model_dump_json(exclude_unset=unset), status, media_type=_JSON)

        return handle
