"""Which sites a town is proposed to visit on a day, as JSON and as a sheet to take along."""

import asyncio
from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field

from services.schedule_monitor.api.deps import Rooms, RoomsDep
from services.schedule_monitor.api.patrols.patrol_sheet import patrol_workbook
from services.schedule_monitor.api.patrols.patrol_views import PatrolsView, PatrolView, patrol_view
from services.schedule_monitor.app.patrols.propose_patrol import propose_patrol, read_patrol
from services.schedule_monitor.domain.patrols.patrol import PatrolDayTooFar, PatrolNotProposed
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.scopes import TOWN_CODES
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.duties.departments import TOWNS
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.iso_date import IsoDate
from shared.spreadsheets.writing import MEDIA_TYPE

router = APIRouter(
    prefix="/v1/patrol-proposals",
    tags=["巡查建议"],
    responses=problem.responses(
        Unauthenticated, Forbidden, Unavailable, PatrolDayTooFar, PatrolNotProposed
    ),
)
_FILE: Final = {"schema": {"type": "string", "format": "binary"}}
_ALL: Final = tuple(town.code for town in TOWNS)

Day = Annotated[IsoDate, Path(description="巡查日，至多提前7天；过去的日子答复当时最后一版")]


def _known(town: str) -> str:
    if town not in _ALL:
        raise ValueError("没有这个镇（街道）代码")
    return town


Town = Annotated[
    Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(_ALL)})] | None,
    Query(description="镇（街道）代码，缺省为全部；镇（街道）只看本辖区"),
]
Version = Annotated[
    int | None, Query(ge=1, lt=2**31, description="某一版，须同时指定镇（街道）；缺省为现时的建议")
]


@router.get("/{day}")
async def get_patrol_proposals(
    day: Day, caller: CallerDep, rooms: RoomsDep, town: Town = None, version: Version = None
) -> PatrolsView:
    """查询某日值得巡查的地点：理由及其依据、分值、时段，以及当日已有的巡查结果。"""
    return PatrolsView(day=day, patrols=await _patrols(day, caller, rooms, town, version))


@router.get(
    "/{day}/export.xlsx",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: _FILE}}},
)
async def export_patrol_proposals(
    day: Day, caller: CallerDep, rooms: RoomsDep, town: Town = None, version: Version = None
) -> Response:
    """下载某日的巡查表（XLSX）：可打印，巡查结果的各列留空。"""
    patrols = await _patrols(day, caller, rooms, town, version)
    content = await asyncio.to_thread(patrol_workbook, day, patrols)
    headers = {"Content-Disposition": f'attachment; filename="patrol-{day}.xlsx"'}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


async def _patrols(
    day: IsoDate, caller: Caller, rooms: Rooms, town: str | None, version: int | None
) -> list[PatrolView]:
    towns = _towns(caller, town)
    if version is not None and len(towns) > 1:
        told = "指定版本时须同时指定镇（街道）"
        error = {"type": "missing", "loc": ("query", "town"), "msg": told}
        raise RequestValidationError([error])
    found = []
    for one in towns:
        # Of a past day, those towns are shown that were proposed something.
        with suppress(PatrolNotProposed):
            if version is None:
                kept = await propose_patrol(day, one, desk=rooms.patrols, who=Who.of(caller))
            else:
                kept = await read_patrol(day, one, desk=rooms.patrols, version=version)
            found.append(await patrol_view(kept, desk=rooms.patrols))
    if not found:
        raise PatrolNotProposed("该日没有提出过巡查建议，或没有这一版。")
    return found


def _towns(caller: Caller, town: str | None) -> tuple[str, ...]:
    """Return the towns that are asked for; a town or street asks for itself."""
    if caller.office in TOWN_CODES:
        if town not in (None, caller.office):
            raise Forbidden("镇（街道）只能查询本辖区的巡查建议")
        return (caller.office,)
    return _ALL if town is None else (town,)
