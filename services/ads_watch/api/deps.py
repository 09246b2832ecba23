"""What a route of ads_watch may ask for."""

from typing import Annotated

from fastapi import Depends, Request

from services.ads_watch.app.desk import Desk


async def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


DeskDep = Annotated[Desk, Depends(_desk)]
