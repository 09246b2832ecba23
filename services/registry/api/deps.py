"""What a route of the register may ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from services.registry.store.institutions import InstitutionStore


@dataclass(frozen=True, slots=True)
class Rooms:
    """What main hands to the routes."""

    institutions: InstitutionStore
    now: Callable[[], datetime]
    committed: Callable[[], None]


def rooms(request: Request) -> Rooms:
    """Return what main has put on the application."""
    found: Rooms = request.app.state.rooms
    return found


RoomsDep = Annotated[Rooms, Depends(rooms)]
