"""A filled patrol sheet, uploaded: its rows become results of visits."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.schedule_monitor.api.deps import Rooms, RoomsDep
from services.schedule_monitor.api.patrols.patrol_results_sheet import (
    CONCLUDED,
    PLACE,
    RESULTS_SHEET,
)
from services.schedule_monitor.api.patrols.patrols import Day
from services.schedule_monitor.app.patrols.take_patrol_sheet import (
    ResultUnfit,
    SheetDesk,
    Told,
    Where,
    take_patrol_sheet,
    visit_told,
)
from services.schedule_monitor.domain.patrols.patrol_results import FilledPlace, LeftOut
from services.schedule_monitor.domain.patrols.visit import OUTCOME_NAMES
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.scopes import TOWN_CODES
from shared.access.tokens import Caller
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.spreadsheets.reading import Bad, Good
from shared.spreadsheets.uploads import FILE_BODY, Upload, sheet_responses, uploaded

router = APIRouter(
    prefix="/v1/patrol-proposals",
    tags=["巡查建议"],
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)


# A reason that no one cell is wrong for is told of the row as a whole.
_COLUMNS: Final[dict[Where, str]] = {"row": "", "place": PLACE, "concluded": CONCLUDED}


class ResultLine(BaseModel):
    """The visit that one row of the sheet became."""

    visit_id: str
    version: int
    new: bool = Field(description="False where the same had been told before.")
    institution_id: str
    institution: str
    outcome_name: str
    seen: int
    confirmed: list[str]
    unfounded: list[str]


class PatrolResultsView(BaseModel):
    """What a filled sheet came to; places where nobody went are counted."""

    day: date
    visits: list[ResultLine]
    not_visited: int


@router.post(
    "/{day}/results/upload",
    response_model=PatrolResultsView,
    openapi_extra=FILE_BODY,
    responses=sheet_responses(),
)
async def upload_patrol_results(
    day: Day, request: Request, caller: CallerDep, rooms: RoomsDep
) -> Response | PatrolResultsView:
    """上传填好的巡查表（XLSX 或 CSV）：整份接收或整份退回，未填的行视为未去，更正后可再次上传。"""
    async with uploaded(request, RESULTS_SHEET, partial=False) as upload:
        told, not_visited = await _told(upload, day, caller, rooms)
        if (refused := await upload.answer()) is not None:
            return refused
    if not told:
        raise Malformed("表格中没有填写任何巡查结果")
    taken = await take_patrol_sheet(told, desk=_desk(rooms), now=rooms.now())
    rooms.committed()
    return PatrolResultsView(
        day=day, visits=[_line(one, new=new) for one, new in taken], not_visited=not_visited
    )


async def _told(
    upload: Upload[FilledPlace | LeftOut], day: date, caller: Caller, rooms: Rooms
) -> tuple[Sequence[Told], int]:
    """Return the visits of the rows that are right, and how many rows tell of none."""
    told: dict[str, Told] = {}
    not_visited = 0
    async for rows in upload.check(most=RESULTS_SHEET.most_rows):
        for row in rows:
            if isinstance(row.item, LeftOut):
                not_visited += 1
                continue
            found = await _visit_of(row, row.item, day, caller, rooms)
            if isinstance(found, Told) and found.visit.visit_id in told:
                # Of another version's sheet, whose numbers are others.
                found = row.refused([(PLACE, "与前面的一行是同一家机构的同一地点")])
            if isinstance(found, Bad):
                await upload.refuse([found])
            else:
                told[found.visit.visit_id] = found
    return list(told.values()), not_visited


async def _visit_of(
    row: Good[FilledPlace | LeftOut], filled: FilledPlace, day: date, caller: Caller, rooms: Rooms
) -> Told | Bad:
    if caller.office in TOWN_CODES and caller.office != filled.town:
        return row.refused([(PLACE, "镇（街道）只能报送本辖区的巡查结果")])
    try:
        return await visit_told(
            filled,
            day,
            by=caller.office or filled.town,
            desk=_desk(rooms),
            now=rooms.now(),
        )
    except ResultUnfit as unfit:
        return row.refused([(_COLUMNS[unfit.where], str(unfit))])


def _desk(rooms: Rooms) -> SheetDesk:
    return SheetDesk(patrols=rooms.patrols, visits=rooms.visits)


def _line(told: Told, *, new: bool) -> ResultLine:
    visit = told.visit
    return ResultLine(
        visit_id=visit.visit_id,
        version=visit.version,
        new=new,
        institution_id=visit.institution_id,
        institution=told.institution,
        outcome_name=OUTCOME_NAMES[visit.outcome],
        seen=len(visit.seen),
        confirmed=list(visit.confirmed),
        unfounded=list(visit.unfounded),
    )
