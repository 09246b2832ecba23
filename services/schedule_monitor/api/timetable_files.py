"""Timetables as files: spreadsheets and calendars, in and out."""

from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.schedule_monitor.api import timetable_calendar
from services.schedule_monitor.api.checks import REFUSED, answered
from services.schedule_monitor.api.deps import RoomsDep, may_ask_about
from services.schedule_monitor.api.fields import Label, ReceiptNumber, TimetableId, Version
from services.schedule_monitor.api.timetable_calendar import filed_calendar
from services.schedule_monitor.api.timetable_calendar_reading import (
    MOST_BYTES,
    CalendarRefused,
    read_calendar,
)
from services.schedule_monitor.api.timetable_rows import NothingInFile, sheet_plan
from services.schedule_monitor.api.timetable_sheet import (
    TIMETABLE_SHEET,
    filed_workbook,
)
from services.schedule_monitor.api.timetable_views import TimetableView, timetable_view
from services.schedule_monitor.api.timetables import (
    FILING_REFUSED,
    file_at_the_door,
    filing_answer,
    location_of,
    readable,
)
from services.schedule_monitor.api.views import CheckView
from services.schedule_monitor.app.check_timetable import Asked
from services.schedule_monitor.app.file_timetable import Filed, FiledTimetable
from services.schedule_monitor.domain.pattern import (
    Plan,
)
from services.schedule_monitor.domain.timetable import (
    TimetableNotFound,
)
from shared import problem
from shared.access.enforcement import CallerDep
from shared.contracts.registry import InstitutionId, Stage
from shared.errors import Forbidden, Refusal, TooLarge, Unauthenticated, Unavailable
from shared.spreadsheets.refusals import Refusals
from shared.spreadsheets.uploads import (
    FILE_BODY,
    TEMPLATE_RESPONSES,
    CellErrorView,
    Partial,
    received,
    sheet_responses,
    template_answer,
    told,
    uploaded,
)
from shared.spreadsheets.writing import MEDIA_TYPE

router = APIRouter(
    prefix="/v1/timetables",
    tags=["课表文件"],
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)
_TEXT: Final = {"schema": {"type": "string"}}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            **FILE_BODY["requestBody"]["content"],
            timetable_calendar.MEDIA_TYPE: _TEXT,
        },
    }
}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}


def file_refusals(*refusals: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """Return the answers that a file may get beside those of a sheet."""
    found = problem.responses(*refusals, CalendarRefused, NothingInFile, TooLarge)
    unprocessable = sheet_responses()[422]
    return {**found, 422: unprocessable}


class About(BaseModel):
    """Whose timetable a file holds, and which."""

    model_config = ConfigDict(extra="forbid")

    institution_id: InstitutionId
    label: Label
    stage: Stage | None = Field(
        default=None, description="iCalendar：日程没有 X-HAINING-STAGE 时的学段"
    )


class FileFiling(About):
    """What a filing by file says beside the file."""

    version: Version
    receipt: ReceiptNumber | None = Field(default=None, description="所引用的预检回执号")
    partial: Partial = False

    def filed(self, plan: Plan) -> Filed:
        """Return the filing of what a file plans."""
        return Filed(
            institution_id=self.institution_id,
            label=self.label,
            version=self.version,
            plan=plan,
            receipt=self.receipt,
        )


class FiledFileView(TimetableView):
    """What became of a file; rows that were not taken are told, where the caller allowed that."""

    rows_refused: int
    errors: list[CellErrorView]


@router.get("/template.xlsx", response_class=Response, responses=TEMPLATE_RESPONSES)
async def get_template() -> Response:
    """下载课表的表格模板：单次课和每周重复的课可填在同一张表里。"""
    return template_answer(TIMETABLE_SHEET, name="timetable")


@router.post(
    "/check/upload",
    response_model=CheckView,
    openapi_extra=_BODY,
    responses={**sheet_responses(), **file_refusals(*REFUSED)},
)
async def check_file(
    about: Annotated[About, Query()], request: Request, caller: CallerDep, rooms: RoomsDep
) -> Response:
    """以文件（XLSX、CSV 或 iCalendar）预检课表：文件有误则退回各处错误，否则同课表预检。"""
    may_ask_about(caller, about.institution_id)
    if _is_calendar(request):
        plan = await _calendar_plan(request, about.stage, rooms)
    else:
        async with uploaded(request, TIMETABLE_SHEET, partial=False) as upload:
            plan = await sheet_plan(upload, rooms)
            if (refused := await upload.answer()) is not None:
                return refused
    asked = Asked(plan=plan, institution_id=about.institution_id, label=about.label)
    return await answered(asked, caller, rooms)


@router.post(
    "/upload",
    status_code=201,
    response_model=FiledFileView,
    openapi_extra=_BODY,
    responses={**sheet_responses(), **file_refusals(*FILING_REFUSED)},
)
async def file_by_file(
    about: Annotated[FileFiling, Query()],
    request: Request,
    caller: CallerDep,
    rooms: RoomsDep,
) -> Response:
    """以文件（XLSX、CSV 或 iCalendar）备案课表：默认整份接收或整份退回，答复同课表备案。"""
    may_ask_about(caller, about.institution_id)
    if _is_calendar(request):
        plan = await _calendar_plan(request, about.stage, rooms)
        found, new = await file_at_the_door(about.filed(plan), caller, rooms)
        return await filing_answer(found, rooms, new=new, view=_file_view)
    async with uploaded(request, TIMETABLE_SHEET, partial=about.partial) as upload:
        plan = await sheet_plan(upload, rooms)
        if upload.stopped and (refused := await upload.answer()) is not None:
            return refused
        found, new = await file_at_the_door(about.filed(plan), caller, rooms)
        if (refused := await upload.answer()) is not None:
            refused.headers["Location"] = location_of(found)
            return refused
        view = partial(_file_view, refusals=upload.refusals)
        return await filing_answer(found, rooms, new=new, view=view)


@router.get(
    "/{timetable_id}/export.xlsx",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: _BINARY}}, **problem.responses(TimetableNotFound)},
)
async def export_workbook(
    timetable_id: Annotated[TimetableId, Path()], caller: CallerDep, rooms: RoomsDep
) -> Response:
    """导出备案的课表（XLSX）：第一张表改后可再次上传，第二张表是逐节的判断。"""
    filed = await readable(timetable_id, caller, rooms)
    sessions = filed.timetable.filing.sessions
    content = await rooms.computing.run(filed_workbook, sessions, filed.judged)
    return _download(content, f"{timetable_id}.xlsx", MEDIA_TYPE)


@router.get(
    "/{timetable_id}/calendar.ics",
    response_class=Response,
    responses={
        200: {"content": {timetable_calendar.MEDIA_TYPE: _TEXT}},
        **problem.responses(TimetableNotFound),
    },
)
async def export_calendar(
    timetable_id: Annotated[TimetableId, Path()], caller: CallerDep, rooms: RoomsDep
) -> Response:
    """导出备案的课表（iCalendar），供日历软件使用，也可再次上传。"""
    filed = await readable(timetable_id, caller, rooms)
    now = rooms.now()
    content = await rooms.computing.run(lambda: filed_calendar(filed.timetable, now=now))
    return _download(content, f"{timetable_id}.ics", timetable_calendar.MEDIA_TYPE)


async def _calendar_plan(request: Request, stage: Stage | None, rooms: RoomsDep) -> Plan:
    async with received(request) as file:
        file.seek(0)
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise TooLarge("日历文件至多 1 MiB。")
    found = await rooms.computing.run(lambda: read_calendar(content, stage=stage))
    if not found:
        raise NothingInFile("日历中没有一节课（已取消的日程不算）。")
    return Plan(singles=tuple(found))


def _is_calendar(request: Request) -> bool:
    given = request.headers.get("content-type", "")
    return given.partition(";")[0].strip().lower() == timetable_calendar.MEDIA_TYPE


def _file_view(filed: FiledTimetable, refusals: Refusals | None = None) -> FiledFileView:
    refused = refusals or Refusals()
    return FiledFileView(
        **dict(timetable_view(filed)), rows_refused=refused.count, errors=told(refused)
    )


def _download(content: bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
