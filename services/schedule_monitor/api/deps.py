"""What a route of schedule_monitor may ask for."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from services.schedule_monitor.store.platforms import PlatformStore
from shared.sealing import Sealer
from shared.senders.signing import SenderDoor


@dataclass(frozen=True, slots=True)
class Rooms:
    """What main hands to the routes."""

    platforms: PlatformStore
    sealer: Sealer
    door: SenderDoor


def rooms(request: Request) -> Rooms:
    """Return what main has put on the application."""
    found: Rooms = request.app.state.rooms
    return found


RoomsDep = Annotated[Rooms, Depends(rooms)]
