"""Timetables: checked before they are filed, filed in versions, read with what is found."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.schedule_monitor.api.deps import (
    RoomsDep,
    may_ask_about,
    may_see,
    refused_at,
)
from services.schedule_monitor.api.fields import Label, SessionIn, TimetableId, Version
from services.schedule_monitor.api.views import CheckView, check_view
from services.schedule_monitor.app.check_sessions import check_sessions
from services.schedule_monitor.app.file_timetable import (
    FiledTimetable,
    file_timetable,
    read_timetable,
)
from services.schedule_monitor.domain.judge import Verdict
from services.schedule_monitor.domain.timetable import (
    Filing,
    InstitutionUnknown,
    TimetableFiledOtherwise,
    TimetableNotFound,
    TimetableOutdated,
    TooManySessions,
)
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.mongo import Row

router = APIRouter(
    prefix="/v1/timetables",
    tags=["课表"],
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)

_MOST_SESSIONS = 2_000


class CheckRequest(BaseModel):
    """Classes to be judged; without an institution each tells its kind and mode."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    institution_id: InstitutionId | None = None
    sessions: Annotated[list[SessionIn], Field(min_length=1, max_length=_MOST_SESSIONS)]


class TimetableFiling(BaseModel):
    """An institution's timetable; a higher version takes the place of the ones before it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    institution_id: InstitutionId
    label: Label = Field(examples=["2025-2026学年第二学期"])
    version: Version
    sessions: Annotated[list[SessionIn], Field(max_length=_MOST_SESSIONS)] = Field(
        description="All classes of this version; none, when nothing is held any more."
    )


class TimetableView(CheckView):
    """A filed timetable with its classes as they are judged now."""

    timetable_id: str
    institution_id: str
    label: str
    version: int
    current: bool


class TimetableLine(BaseModel):
    """A filed timetable without its classes; ``counts`` is absent until it has been judged."""

    timetable_id: str
    institution_id: str
    label: str
    version: int
    current: bool
    session_count: int
    counts: dict[Verdict, int] | None
    filed_at: datetime


class TimetablePage(BaseModel):
    """A page of timetables, newest first."""

    timetables: list[TimetableLine]
    next_cursor: str | None = None


@router.post("/check", responses=problem.responses(InstitutionUnknown))
async def check_timetable(body: CheckRequest, caller: CallerDep, rooms: RoomsDep) -> CheckView:
    """课表预检：逐节判断是否合法、违反哪一条、缺少哪些校历；不留存。"""
    if body.institution_id is None:
        _tell_kind_and_mode(body.sessions)
    else:
        may_ask_about(caller, body.institution_id)
    desk = rooms.timetables
    judged = await check_sessions(
        [one.stated() for one in body.sessions],
        institution_id=body.institution_id,
        institutions=desk.institutions,
        desk=desk.calendars,
    )
    return check_view(judged)


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": TimetableView, "description": "The same filing came before."},
        **problem.responses(
            InstitutionUnknown, TimetableFiledOtherwise, TimetableOutdated, TooManySessions
        ),
    },
)
async def post_timetable(
    body: TimetableFiling, caller: CallerDep, rooms: RoomsDep, response: Response
) -> TimetableView:
    """课表备案：留存、判断；违规形成预警，更高版本取代先前版本，同一内容重复报送结果相同。"""
    may_ask_about(caller, body.institution_id)
    filed, new = await file_timetable(
        _filing(body), who=Who.of(caller), desk=rooms.timetables, now=rooms.now()
    )
    rooms.committed()
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"{router.prefix}/{filed.timetable.timetable_id}"
    return _view(filed)


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
        timetables=[_line(row) for row in rows],
        next_cursor=rows[-1]["_id"] if len(rows) == limit else None,
    )


@router.get("/{timetable_id}", responses=problem.responses(TimetableNotFound))
async def get_timetable(
    timetable_id: Annotated[TimetableId, Path()], caller: CallerDep, rooms: RoomsDep
) -> TimetableView:
    """查询一份课表及其现时的判断。"""
    filed = await read_timetable(timetable_id, desk=rooms.timetables)
    own = filed.registered.institution_id
    if caller.role == "institution" and caller.institution != own:
        raise TimetableNotFound.by_id(timetable_id)
    may_see(caller, filed.registered)
    return _view(filed)


def _tell_kind_and_mode(sessions: list[SessionIn]) -> None:
    for index, one in enumerate(sessions):
        for field in ("kind", "mode"):
            if getattr(one, field) is None:
                raise refused_at("sessions", index, field, kind="missing")


def _filing(body: TimetableFiling) -> Filing:
    return Filing(
        institution_id=body.institution_id,
        label=body.label,
        version=body.version,
        sessions=tuple(one.stated() for one in body.sessions),
    )


def _view(filed: FiledTimetable) -> TimetableView:
    timetable, filing = filed.timetable, filed.timetable.filing
    checked = check_view(filed.judged)
    return TimetableView(
        verdict=checked.verdict,
        counts=checked.counts,
        sessions=checked.sessions,
        timetable_id=timetable.timetable_id,
        institution_id=filing.institution_id,
        label=filing.label,
        version=filing.version,
        current=timetable.current,
    )


def _line(row: Row) -> TimetableLine:
    return TimetableLine(
        timetable_id=row["_id"],
        institution_id=row["institution_id"],
        label=row["label"],
        version=row["version"],
        current=row["current"],
        session_count=row["session_count"],
        counts=row["counts"],
        filed_at=row["filed_at"],
    )
