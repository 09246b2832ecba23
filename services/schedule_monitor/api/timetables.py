"""Timetables: checked before they are filed, filed in versions, read with what is found."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from services.schedule_monitor.api.checks import JSON, REFUSED
from services.schedule_monitor.api.deps import RoomsDep, may_ask_about, may_see, refused_at
from services.schedule_monitor.api.fields import Label, ReceiptNumber, TimetableId, Version
from services.schedule_monitor.api.plans import PlanIn
from services.schedule_monitor.api.timetable_views import (
    DiffView,
    TimetablePage,
    TimetableView,
    diff_view,
    line_view,
    timetable_view,
)
from services.schedule_monitor.app.file_timetable import (
    Filed,
    FiledTimetable,
    compare_timetables,
    file_timetable,
    read_timetable,
)
from services.schedule_monitor.domain.receipt import ReceiptUnknown
from services.schedule_monitor.domain.timetable import (
    OtherLabel,
    TimetableFiledOtherwise,
    TimetableNotFound,
    TimetableOutdated,
)
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Unauthenticated, Unavailable

router = APIRouter(
    prefix="/v1/timetables",
    tags=["课表"],
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)


FILING_REFUSED = (*REFUSED, TimetableFiledOtherwise, TimetableOutdated, ReceiptUnknown)


class TimetableFiling(PlanIn):
    """An institution's timetable; a higher version takes the place of the ones before it.

    Without classes nothing is held any more.
    """

    institution_id: InstitutionId
    label: Label = Field(examples=["2025-2026学年第二学期"])
    version: Version
    receipt: ReceiptNumber | None = Field(
        default=None, description="所引用的预检回执号", examples=["KB20260302-7Q2M9X4TZC"]
    )


@router.post(
    "",
    status_code=201,
    response_model=TimetableView,
    responses={
        200: {"model": TimetableView, "description": "The same filing came before."},
        **problem.responses(*FILING_REFUSED),
    },
)
async def post_timetable(body: TimetableFiling, caller: CallerDep, rooms: RoomsDep) -> Response:
    """课表备案：留存、判断，答复与上一版的差异；违规形成预警，更高版本取代先前版本，重复报送结果相同。"""
    may_ask_about(caller, body.institution_id)
    if body.model_fields_set.isdisjoint(("sessions", "patterns")):
        # Nothing is held any more only where somebody says so.
        raise refused_at("sessions", kind="missing")
    filed = Filed(
        institution_id=body.institution_id,
        label=body.label,
        version=body.version,
        plan=body.plan(),
        receipt=body.receipt,
    )
    found, new = await file_at_the_door(filed, caller, rooms)
    return await filing_answer(found, rooms, new=new, view=timetable_view)


async def file_at_the_door(
    filed: Filed, caller: Caller, rooms: RoomsDep
) -> tuple[FiledTimetable, bool]:
    """File what came by any door, and tell whether it is new."""
    found, new = await file_timetable(
        filed, who=Who.of(caller), desk=rooms.timetables, now=rooms.now()
    )
    rooms.committed()
    return found, new


async def filing_answer(
    found: FiledTimetable,
    rooms: RoomsDep,
    *,
    new: bool,
    view: Callable[[FiledTimetable], BaseModel],
) -> Response:
    """Answer with what became of a filing."""
    content = await rooms.written(lambda: view(found))
    return Response(content, 201 if new else 200, {"Location": location_of(found)}, JSON)


def location_of(found: FiledTimetable) -> str:
    """Return where a filed timetable is read."""
    return f"{router.prefix}/{found.timetable.timetable_id}"


@router.get("")
async def list_timetables(
    institution_id: Annotated[InstitutionId, Query()],
    caller: CallerDep,
    rooms: RoomsDep,
    cursor: TimetableId | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TimetablePage:
    """列出一家机构备案的课表，新的在前。"""
    may_ask_about(caller, institution_id)
    registered = await rooms.timetables.institutions.find(institution_id)
    if registered is None:
        return TimetablePage(timetables=[])
    may_see(caller, registered)
    rows = await rooms.timetables.timetables.page_of(institution_id, before=cursor, limit=limit)
    return TimetablePage(
        timetables=[line_view(row) for row in rows],
        next_cursor=rows[-1]["_id"] if len(rows) == limit else None,
    )


@router.get(
    "/{timetable_id}",
    response_model=TimetableView,
    responses=problem.responses(TimetableNotFound),
)
async def get_timetable(
    timetable_id: Annotated[TimetableId, Path()], caller: CallerDep, rooms: RoomsDep
) -> Response:
    """查询一份课表及其现时的判断。"""
    found = await readable(timetable_id, caller, rooms)
    content = await rooms.written(lambda: timetable_view(found))
    return Response(content, media_type=JSON)


@router.get(
    "/{timetable_id}/diff",
    response_model=DiffView,
    responses=problem.responses(TimetableNotFound, OtherLabel),
)
async def get_diff(
    timetable_id: Annotated[TimetableId, Path()],
    caller: CallerDep,
    rooms: RoomsDep,
    against: Annotated[TimetableId | None, Query(description="默认与其前一版比较")] = None,
) -> Response:
    """与同一份课表的另一版比较：新增、取消、调课和其他变更。"""
    filed = await readable(timetable_id, caller, rooms)
    other, found = await compare_timetables(filed.timetable, against, desk=rooms.timetables)
    content = await rooms.written(lambda: diff_view(other, found))
    return Response(content, media_type=JSON)


async def readable(timetable_id: str, caller: Caller, rooms: RoomsDep) -> FiledTimetable:
    """Return a timetable to those whose matter it is."""
    filed = await read_timetable(timetable_id, desk=rooms.timetables)
    own = filed.registered.institution_id
    if caller.role == "institution" and caller.institution != own:
        raise TimetableNotFound.by_id(timetable_id)
    may_see(caller, filed.registered)
    return filed
