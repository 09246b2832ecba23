"""Held sessions: listed, and each read beside what was filed."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.schedule_monitor.api.deps import RoomsDep, may_ask_about, may_see
from services.schedule_monitor.api.fields import TimetableId
from services.schedule_monitor.api.held.held_views import HeldPage, HeldView, held_line, held_view
from services.schedule_monitor.app.held.judge_held import read_held
from services.schedule_monitor.domain.held.held import HeldSessionNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.iso_date import IsoDate

router = APIRouter(
    prefix="/v1/held-sessions",
    tags=["实际上课"],
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)


@router.get("")
async def list_held_sessions(  # noqa: PLR0913, PLR0917 - the parts of a query
    institution_id: Annotated[InstitutionId, Query()],
    caller: CallerDep,
    rooms: RoomsDep,
    first: Annotated[IsoDate | None, Query(alias="from", description="首日（含）")] = None,
    last: Annotated[IsoDate | None, Query(alias="until", description="末日（含）")] = None,
    cursor: TimetableId | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HeldPage:
    """列出一家机构的上课记录，后报送的在前。"""
    may_ask_about(caller, institution_id)
    registered = await rooms.held.institutions.find(institution_id)
    if registered is None:
        return HeldPage(sessions=[])
    may_see(caller, registered)
    found = await rooms.held.held.page_of(
        institution_id, first=first, last=last, before=cursor, limit=limit
    )
    return HeldPage(
        sessions=[held_line(one) for one in found],
        next_cursor=found[-1].session_id if len(found) == limit else None,
    )


@router.get("/{session_id}", responses=problem.responses(HeldSessionNotFound))
async def get_held_session(
    session_id: Annotated[TimetableId, Path()], caller: CallerDep, rooms: RoomsDep
) -> HeldView:
    """查询一节实际上的课：对应的备案课、差异和现时的判断。"""
    kept, registered, judged = await read_held(session_id, court=rooms.court)
    if caller.role == "institution" and caller.institution != registered.institution_id:
        raise HeldSessionNotFound.by_id(session_id)
    may_see(caller, registered)
    return held_view(kept, judged)
