"""What a route of the register may ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from services.registry.store.institutions import InstitutionStore
from shared.access import Caller, CallerDep

# They license, register or supervise training institutions: 方案任务17、18, annex 4.
REGISTRARS = (
    "education",
    "culture_tourism_sports",
    "science_tech",
    "civil_affairs",
    "market_regulation",
)


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


def registrar(caller: CallerDep) -> Caller:
    """Let only those pass who may write in the register."""
    caller.require_department(*REGISTRARS)
    return caller


RoomsDep = Annotated[Rooms, Depends(rooms)]
RegistrarDep = Annotated[Caller, Depends(registrar)]
