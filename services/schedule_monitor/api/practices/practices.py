"""Reports of practice: entered, listed, read, corrected and withdrawn."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.schedule_monitor.api.deps import Rooms, RoomsDep, refused_at
from services.schedule_monitor.api.fields import Label, TimetableId
from services.schedule_monitor.api.practices.practice_access import (
    check_may_report,
    handles,
    seen_by,
    theirs,
    whose,
)
from services.schedule_monitor.api.practices.practice_bodies import (
    CorrectionIn,
    PracticeReportIn,
    ReasonIn,
    ToldIn,
)
from services.schedule_monitor.api.practices.practice_views import (
    PracticeLine,
    PracticePage,
    PracticeReportView,
    report_line,
    report_view,
)
from services.schedule_monitor.app.practices.practice_desk import Doing
from services.schedule_monitor.app.practices.report_practice import (
    correct_report,
    report_practice,
    withdraw_report,
)
from services.schedule_monitor.domain.practices.practice import (
    Practice,
    PracticeReportedOtherwise,
    PracticeReportNotFound,
    Report,
    ReportInHand,
    ReportWithdrawn,
    State,
    Told,
    TooManyOfReport,
    TooManyReports,
)
from services.schedule_monitor.domain.timetables.timetable import InstitutionUnknown
from services.schedule_monitor.store.practices import AskedReports
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.city_time import city_date
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after

router = APIRouter(
    prefix="/v1/practice-reports",
    tags=["培训行为反映"],
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)
ReportId = Annotated[TimetableId, Path()]
_DEPARTMENT = Annotated[str, Query(max_length=64, description="负责办理的部门代码")]


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": PracticeLine, "description": "The same report came before."},
        **problem.responses(
            InstitutionUnknown,
            PracticeReportedOtherwise,
            TooManyReports,
            KeyedRequestRunning,
            KeyReused,
        ),
    },
)
async def post_report(
    body: PracticeReportIn, caller: CallerDep, rooms: RoomsDep, once: OnceDep, response: Response
) -> PracticeLine:
    """报送一件课表看不出的培训行为：备案材料、投诉举报或现场检查所得；同一反映只生效一次。"""
    _not_ahead(body, rooms)
    await check_may_report(caller, body, rooms)
    response.status_code = HTTPStatus.OK

    async def work() -> PracticeLine:
        sealed = None if body.contact is None else rooms.sealer.seal(body.contact)
        report, new = await report_practice(
            body.told(body, sealed_contact=sealed),
            Doing.by("reported", caller, rooms.now()),
            institution=caller.institution,
            desk=rooms.practices,
        )
        if new:
            response.status_code = HTTPStatus.CREATED
        elif _contact(report.former[0] if report.former else report.told, rooms) != body.contact:
            raise PracticeReportedOtherwise("同一反映已报送，联系方式不同：请以更正报送。")
        rooms.committed()
        return report_line(report, rooms.practices.calendar)

    answer = await once.after(PracticeLine, work)
    response.headers["Location"] = f"{router.prefix}/{answer.report_id}"
    return answer


@router.get("")
async def list_reports(  # noqa: PLR0913, PLR0917 - the parts of a query
    caller: CallerDep,
    rooms: RoomsDep,
    institution_id: Annotated[InstitutionId | None, Query()] = None,
    platform: Annotated[Label | None, Query()] = None,
    practice: Annotated[Practice | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    waiting: Annotated[bool | None, Query(description="true：只列待办的")] = None,
    overdue: Annotated[bool | None, Query(description="true：只列逾期的")] = None,
    responsible: _DEPARTMENT | None = None,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> PracticePage:
    """列出反映和各件的下一步期限，后报送的在前；镇（街道）只见本辖区和本单位报送的，机构只见本机构报送的。"""
    found = await rooms.practices.reports.page(
        AskedReports(
            institution_id=institution_id,
            platform=platform,
            practice=practice,
            state=state,
            waiting=waiting,
            overdue=overdue,
            responsible=responsible,
            whose=whose(caller),
            before=before_of(cursor),
            limit=limit,
        )
    )
    return PracticePage(
        reports=[report_line(one, rooms.practices.calendar) for one in found],
        next_cursor=cursor_after([one.report_id for one in found], limit=limit),
    )


@router.get("/{report_id}", responses=problem.responses(PracticeReportNotFound))
async def get_report(report_id: ReportId, caller: CallerDep, rooms: RoomsDep) -> PracticeReportView:
    """查询一件反映：各版本、专家意见、决定和经过；机构只见本机构报送的。"""
    return await shown(await seen_by(report_id, caller, rooms), caller, rooms)


@router.post(
    "/{report_id}/corrections",
    responses=problem.responses(
        *(PracticeReportNotFound, PracticeReportedOtherwise, ReportInHand),
        *(ReportWithdrawn, TooManyOfReport),
    ),
)
async def correct(
    report_id: ReportId, body: CorrectionIn, caller: CallerDep, rooms: RoomsDep
) -> PracticeReportView:
    """更正一件反映：由报送单位或办理部门，机构只在办理以前；版本号为现行版本加一，重复报送不生效。"""
    _not_ahead(body, rooms)
    before = await theirs(report_id, caller, rooms)
    if body.contact is not None and before.told.source != "tip":
        raise refused_at("contact", detail="只有投诉举报有举报人的联系方式")
    sealed = before.told.sealed_contact
    if body.contact is not None and body.contact != _contact(before.told, rooms):
        sealed = rooms.sealer.seal(body.contact)
    report, _ = await correct_report(
        report_id,
        body.told(before.told, sealed_contact=sealed),
        body.version,
        Doing.by("corrected", caller, rooms.now()),
        desk=rooms.practices,
    )
    rooms.committed()
    return await shown(report, caller, rooms)


@router.post(
    "/{report_id}/withdraw", responses=problem.responses(PracticeReportNotFound, ReportInHand)
)
async def withdraw(
    report_id: ReportId, body: ReasonIn, caller: CallerDep, rooms: RoomsDep
) -> PracticeReportView:
    """撤回一件反映：由报送单位或办理部门，机构只在办理以前；撤回的仍可查询，不再作为预警的依据。"""
    await theirs(report_id, caller, rooms)
    report, _ = await withdraw_report(
        report_id,
        Doing.by("withdrawn", caller, rooms.now(), body.reason),
        desk=rooms.practices,
    )
    rooms.committed()
    return await shown(report, caller, rooms)


async def shown(report: Report, caller: Caller, rooms: Rooms) -> PracticeReportView:
    """Show a report whole; how to reach who gave a tip only to who handles it."""
    told = report.told
    registered = None
    if told.institution_id is not None:
        registered = await rooms.practices.institutions.get(told.institution_id)
    may_read = caller.role == "staff" and handles(caller, report)
    contact = _contact(told, rooms) if may_read else None
    return report_view(report, registered, rooms.practices.calendar, contact=contact)


def _not_ahead(body: ToldIn, rooms: Rooms) -> None:
    if max(body.first_on, body.last_on or body.first_on) > city_date(rooms.now()):
        raise refused_at("last_on" if body.last_on else "first_on", detail="日期晚于今天")


def _contact(told: Told, rooms: Rooms) -> str | None:
    return None if told.sealed_contact is None else rooms.sealer.open(told.sealed_contact)
