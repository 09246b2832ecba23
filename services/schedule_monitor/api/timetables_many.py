"""Timetables of many institutions by one sheet, as departments file a term of their city."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.schedule_monitor.api.checks import JSON
from services.schedule_monitor.api.deps import Rooms, RoomsDep
from services.schedule_monitor.api.fields import Label, Version
from services.schedule_monitor.api.many_sheet import INSTITUTION, MANY_SHEET, Placed
from services.schedule_monitor.api.timetable_files import file_refusals
from services.schedule_monitor.api.timetable_rows import (
    BEYOND,
    NothingInFile,
    classes_of,
    put_planned,
)
from services.schedule_monitor.app.file_many import FiledOne, file_one_of_many, foreseen
from services.schedule_monitor.app.file_timetable import Filed
from services.schedule_monitor.domain.calendars import Calendars
from services.schedule_monitor.domain.pattern import Plan, WeeklyPattern
from services.schedule_monitor.domain.session import Registered, Stated
from services.schedule_monitor.domain.timetable import MOST_SESSIONS_OF_A_FILING
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.problem import Problem, problem_of
from shared.spreadsheets.reading import Bad, Good
from shared.spreadsheets.refusals import Refusals
from shared.spreadsheets.uploads import (
    FILE_BODY,
    TEMPLATE_RESPONSES,
    CellErrorView,
    Partial,
    Upload,
    sheet_responses,
    template_answer,
    told,
    uploaded,
)

router = APIRouter(
    prefix="/v1/timetables/by-institution",
    tags=["课表文件"],
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)
_ROWS_AT_ONCE: Final = 1_000
_UNKNOWN: Final = "登记中没有这家机构，或其登记信息尚未收到"


class ManyFiling(BaseModel):
    """What a sheet of many institutions says beside the sheet: which timetable of each it is."""

    model_config = ConfigDict(extra="forbid")

    label: Label
    version: Version
    partial: Partial = False


class FiledLine(BaseModel):
    """What became of one institution's timetable; how its classes are judged is read with it."""

    institution_id: str
    name: str
    sessions: int
    timetable_id: str | None = Field(description="Null where it was refused after all.")
    new: bool = Field(description="False where the same had been filed before.")
    problem: Problem | None


class FiledManyView(BaseModel):
    """What became of a sheet: a timetable of each institution, and the rows not taken."""

    label: str
    version: int
    institutions: int
    sessions: int
    filed: list[FiledLine]
    rows_refused: int
    errors: list[CellErrorView]


@dataclass(slots=True)
class _Own:
    """The rows of one institution so far."""

    registered: Registered
    singles: list[Stated] = field(default_factory=list)
    patterns: list[WeeklyPattern] = field(default_factory=list)
    rows: "array[int]" = field(default_factory=lambda: array("I"))
    count: int = 0

    def filed(self, about: ManyFiling) -> Filed:
        """Return the filing of the rows."""
        return Filed(
            institution_id=self.registered.institution_id,
            label=about.label,
            version=about.version,
            plan=Plan(singles=tuple(self.singles), patterns=tuple(self.patterns)),
        )


_Gathered = dict[str, _Own]


@router.get("/template.xlsx", response_class=Response, responses=TEMPLATE_RESPONSES)
async def get_template_of_many() -> Response:
    """下载多家机构课表的表格模板。"""
    return template_answer(MANY_SHEET, name="timetables-by-institution")


@router.post(
    "/upload",
    status_code=201,
    response_model=FiledManyView,
    openapi_extra=FILE_BODY,
    responses={**sheet_responses(), **file_refusals()},
)
async def file_many(
    about: Annotated[ManyFiling, Query()], request: Request, caller: CallerDep, rooms: RoomsDep
) -> Response:
    """以一张表格备案多家机构的课表：默认整份接收或整份退回；每家机构各成一份课表。"""
    async with uploaded(request, MANY_SHEET, partial=about.partial) as upload, rooms.large:
        gathered = await _gathered(upload, rooms)
        if not upload.stopped:
            await _refuse_foreseen(gathered, about, upload, rooms)
        if upload.stopped and (refused := await upload.answer()) is not None:
            return refused
        if not gathered:
            wrong = [(one.pointer, str(one)) for one in upload.refusals.told]
            raise NothingInFile("表格中没有可以接收的行。", fields=wrong)
        filed = [await _file(own, about, Who.of(caller), rooms) for own in gathered.values()]
        if (refused := await upload.answer()) is not None:
            return refused
        content = await rooms.written(partial(_view, filed, about, upload.refusals))
        return Response(content, 201 if any(one.new for one in filed) else 200, media_type=JSON)


async def _file(own: _Own, about: ManyFiling, who: Who, rooms: Rooms) -> FiledOne:
    found = await file_one_of_many(
        own.filed(about), own.registered, who=who, desk=rooms.timetables, now=rooms.now()
    )
    rooms.committed()
    return found


async def _gathered(upload: Upload[Placed], rooms: Rooms) -> _Gathered:
    """Return the rows that are right by themselves, by institution; the others are refused."""
    calendars = await rooms.timetables.calendars.calendars()
    known: dict[str, Registered | None] = {}
    gathered: _Gathered = {}
    async for rows in upload.check(most=_ROWS_AT_ONCE):
        if new := {row.item.code for row in rows} - known.keys():
            found = await rooms.timetables.institutions.find_by_codes(new)
            known |= {code: found.get(code) for code in new}
        await upload.refuse(await rooms.computing.run(_put_all, rows, known, gathered, calendars))
    return gathered


def _put_all(
    rows: Sequence[Good[Placed]],
    known: Mapping[str, Registered | None],
    gathered: _Gathered,
    calendars: Calendars,
) -> list[Bad]:
    """Put rows with those of their institutions; return those that are not taken."""
    refused = []
    for row in rows:
        registered = known[row.item.code]
        if registered is None:
            refused.append(row.refused([(INSTITUTION, _UNKNOWN)]))
            continue
        own = gathered.get(registered.institution_id) or _Own(registered)
        found = classes_of(row, row.item.planned, calendars)
        if isinstance(found, Bad):
            refused.append(found)
        elif own.count + found > MOST_SESSIONS_OF_A_FILING:
            refused.append(row.refused([(INSTITUTION, BEYOND)]))
        else:
            gathered[registered.institution_id] = own
            own.count += found
            own.rows.append(row.number)
            put_planned(row.item.planned, own.singles, own.patterns)
    return refused


async def _refuse_foreseen(
    gathered: _Gathered, about: ManyFiling, upload: Upload[Placed], rooms: Rooms
) -> None:
    """Refuse the rows of institutions whose timetable would not be taken as things stand."""
    reasons: dict[int, str] = {}
    for institution, own in list(gathered.items()):
        refusal = await foreseen(own.filed(about), desk=rooms.timetables)
        if refusal is not None:
            del gathered[institution]
            reasons |= dict.fromkeys(own.rows, f"{refusal.title}：{refusal}")
    if not reasons:
        return
    async for rows in upload.again(most=_ROWS_AT_ONCE):
        await upload.refuse(
            [
                row.refused([(INSTITUTION, reasons[row.number])])
                for row in rows
                if row.number in reasons
            ]
        )


def _view(filed: Sequence[FiledOne], about: ManyFiling, refusals: Refusals) -> FiledManyView:
    return FiledManyView(
        label=about.label,
        version=about.version,
        institutions=len(filed),
        sessions=sum(one.sessions for one in filed if one.refusal is None),
        filed=[
            FiledLine(
                institution_id=one.registered.institution_id,
                name=one.registered.name,
                sessions=one.sessions,
                timetable_id=one.timetable_id,
                new=one.new,
                problem=None if one.refusal is None else problem_of(one.refusal),
            )
            for one in filed
        ],
        rows_refused=refusals.count,
        errors=told(refusals),
    )
