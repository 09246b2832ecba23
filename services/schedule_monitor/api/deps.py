"""What a route of schedule_monitor may ask for, and who may ask."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from services.schedule_monitor.app.calendars.calendar_changed import CalendarOffice
from services.schedule_monitor.app.computing import Computing
from services.schedule_monitor.app.held.judge_held import HeldCourt
from services.schedule_monitor.app.held.take_held import HeldDesk
from services.schedule_monitor.app.patrols.propose_patrol import PatrolDesk
from services.schedule_monitor.app.patrols.take_visit import VisitDesk
from services.schedule_monitor.app.practices.practice_desk import PracticeDesk
from services.schedule_monitor.app.takedowns.draft_takedown import Drafting
from services.schedule_monitor.app.timetables.file_course import CourseDesk
from services.schedule_monitor.app.timetables.file_timetable import TimetableDesk
from services.schedule_monitor.domain.session import Registered
from shared.access.scopes import TOWN_CODES
from shared.access.tokens import Caller
from shared.errors import Forbidden
from shared.sealing import Sealer
from shared.senders.platforms import PlatformStore
from shared.senders.signing import SenderDoor


@dataclass(frozen=True, slots=True)
class Rooms:
    """What is handed to the routes; whoever takes a file of a hundred thousand rows has a turn."""

    platforms: PlatformStore
    sealer: Sealer
    door: SenderDoor
    timetables: TimetableDesk
    held: HeldDesk
    court: HeldCourt
    patrols: PatrolDesk
    visits: VisitDesk
    drafting: Drafting
    courses: CourseDesk
    office: CalendarOffice
    practices: PracticeDesk
    computing: Computing
    large: asyncio.Lock
    waiting: Callable[[], Awaitable[tuple[int, int]]]
    now: Callable[[], datetime]
    committed: Callable[[], None]

    async def written(self, view: Callable[[], BaseModel]) -> bytes:
        """Return an answer of many classes as JSON, put together beside the event loop."""
        return await self.computing.run(lambda: view().model_dump_json().encode())


async def rooms(request: Request) -> Rooms:
    """Return what was put on the application."""
    found: Rooms = request.app.state.rooms
    return found


RoomsDep = Annotated[Rooms, Depends(rooms)]


def may_ask_about(caller: Caller, institution_id: str) -> None:
    """Keep an institution to itself where the body or the query names whose matter it is."""
    # Before anything is looked up: whether another institution exists is no answer either.
    if caller.role == "institution" and caller.institution != institution_id:
        raise Forbidden("培训机构只能办理和查询本机构的课表")


def may_see(caller: Caller, registered: Registered) -> None:
    """Keep a town or street to the institutions on its own ground."""
    if caller.office in TOWN_CODES and caller.office != registered.town:
        raise Forbidden("镇（街道）只能查询本辖区的培训机构")


def refused_at(*place: str | int, kind: str = "value_error", detail: str = "") -> Exception:
    """Return the refusal of a body that points at one field."""
    error: dict[str, Any] = {"type": kind, "loc": ("body", *place), "msg": detail}
    return RequestValidationError([{**error, "ctx": {"error": detail}}])
