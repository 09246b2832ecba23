"""What a route of schedule_monitor may ask for, and who may ask."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError

from services.schedule_monitor.app.file_timetable import TimetableDesk
from services.schedule_monitor.app.load_school_calendar import SchoolDesk
from services.schedule_monitor.domain.session import Registered
from shared.access import Caller
from shared.duties.departments import TOWNS
from shared.errors import Forbidden

# In charge of institutions of a kind: 方案任务18.
IN_CHARGE: Final = ("education", "culture_tourism_sports", "science_tech")
_TOWN_CODES = frozenset(town.code for town in TOWNS)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What main hands to the routes."""

    timetables: TimetableDesk
    schools: SchoolDesk
    waiting: Callable[[], Awaitable[tuple[int, int]]]
    now: Callable[[], datetime]
    committed: Callable[[], None]


def rooms(request: Request) -> Rooms:
    """Return what main has put on the application."""
    found: Rooms = request.app.state.rooms
    return found


RoomsDep = Annotated[Rooms, Depends(rooms)]


def may_file_for(caller: Caller, institution_id: str) -> None:
    """Let an institution file for itself, and those in charge of institutions for any."""
    if caller.role != "institution":
        caller.require_department(*IN_CHARGE)
    elif caller.institution != institution_id:
        raise Forbidden("培训机构只能办理本机构的课表")


def may_ask_about(caller: Caller, institution_id: str) -> None:
    """Let staff ask about any institution, an institution only about itself."""
    caller.require_role("staff", "institution")
    # Before anything is looked up: whether another institution exists is no answer either.
    if caller.role == "institution" and caller.institution != institution_id:
        raise Forbidden("培训机构只能查询本机构的课表")


def may_see(caller: Caller, registered: Registered) -> None:
    """Keep a town or street to the institutions on its own ground."""
    office = caller.department or caller.town
    if caller.role == "staff" and office in _TOWN_CODES and office != registered.town:
        raise Forbidden("镇（街道）只能查询本辖区的培训机构")


def refused_at(*place: str | int, kind: str = "value_error", detail: str = "") -> Exception:
    """Return the refusal of a body that points at one field."""
    error: dict[str, Any] = {"type": kind, "loc": ("body", *place), "msg": detail}
    return RequestValidationError([{**error, "ctx": {"error": detail}}])
