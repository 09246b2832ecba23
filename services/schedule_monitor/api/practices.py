"""Reports of practice: entered, listed, read, corrected and withdrawn."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.schedule_monitor.api.deps import Rooms, RoomsDep, refused_at
from services.schedule_monitor.api.fields import Label, TimetableId
from services.schedule_monitor.api.practice_bodies import (
    CorrectionIn,
    PracticeReportIn,
    ReasonIn,
    ToldIn,
)
from services.schedule_monitor.api.practice_views import (
    PracticeLine,
    PracticePage,
    PracticeReportView,
    report_line,
    report_view,
)
from services.schedule_monitor.app.practice_desk import Doing
from services.schedule_monitor.app.report_practice import (
    correct_report,
    report_practice,
    withdraw_report,
)
from services.schedule_monitor.domain.practice import (
    NotResponsible,
    Practice,
    PracticeReportedOtherwise,
    PracticeReportNotFound,
    Report,
    ReportWithdrawn,
    State,
    Told,
    TooManyOfReport,
    TooManyReports,
)
from services.schedule_monitor.domain.timetable import InstitutionUnknown
from services.schedule_monitor.store.practices import AskedReports
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.scopes import COMPETENT, PLATFORM_KEEPERS, TOWN_CODES
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
    await _may_report(caller, body, rooms)
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
    """列出反映和各件的下一步期限，后报送的在前；镇（街道）只见本辖区和本单位报送的。"""
    office, town = _whose(caller)
    found = await rooms.practices.reports.page(
        AskedReports(
            institution_id=institution_id,
            platform=platform,
            practice=practice,
            state=state,
            waiting=waiting,
            overdue=overdue,
            responsible=responsible,
            office=office,
            town=town,
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
        PracticeReportNotFound, PracticeReportedOtherwise, ReportWithdrawn, TooManyOfReport
    ),
)
async def correct(
    report_id: ReportId, body: CorrectionIn, caller: CallerDep, rooms: RoomsDep
) -> PracticeReportView:
    """更正一件反映：由报送单位或办理部门；版本号为现行版本加一，重复报送不生效。"""
    _not_ahead(body, rooms)
    before = await _theirs(report_id, caller, rooms)
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


@router.post("/{report_id}/withdraw", responses=problem.responses(PracticeReportNotFound))
async def withdraw(
    report_id: ReportId, body: ReasonIn, caller: CallerDep, rooms: RoomsDep
) -> PracticeReportView:
    """撤回一件反映：由报送单位或办理部门；撤回的仍可查询，不再作为预警的依据。"""
    await _theirs(report_id, caller, rooms)
    report, _ = await withdraw_report(
        report_id,
        Doing.by("withdrawn", caller, rooms.now(), body.reason),
        desk=rooms.practices,
    )
    rooms.committed()
    return await shown(report, caller, rooms)


async def seen_by(report_id: str, caller: Caller, rooms: Rooms) -> Report:
    """Return a report to who may see it; to anybody else there is none."""
    report = await rooms.practices.reports.get(report_id)
    if caller.role == "institution":
        visible = report.institution is not None and report.institution == caller.institution
    else:
        office, town = _whose(caller)
        visible = office is None or report.office == office or report.town == (town or "")
    if not visible:
        raise PracticeReportNotFound("没有这个编号的反映，或无权查看。")
    return report


async def responsible_for(report_id: str, caller: Caller, rooms: Rooms) -> Report:
    """Return a report to who handles it; others may see it, and do no more."""
    report = await seen_by(report_id, caller, rooms)
    if not _handles(caller, report):
        raise NotResponsible("由机构的主管部门办理；平台由市经信局会同市教育局办理。")
    return report


async def shown(report: Report, caller: Caller, rooms: Rooms) -> PracticeReportView:
    """Show a report whole; how to reach who gave a tip only to who handles it."""
    told = report.told
    registered = None
    if told.institution_id is not None:
        registered = await rooms.practices.institutions.get(told.institution_id)
    handles = caller.role == "staff" and caller.office in report.responsible
    contact = _contact(told, rooms) if handles else None
    return report_view(report, registered, rooms.practices.calendar, contact=contact)


def _handles(caller: Caller, report: Report) -> bool:
    return caller.role == "admin" or caller.office in report.responsible


async def _theirs(report_id: str, caller: Caller, rooms: Rooms) -> Report:
    """Return a report to the office that made it, and to who handles it."""
    report = await seen_by(report_id, caller, rooms)
    if not _handles(caller, report) and (report.office is None or caller.office != report.office):
        raise NotResponsible("只有报送单位和办理部门可以更正、撤回。")
    return report


async def _may_report(caller: Caller, body: PracticeReportIn, rooms: Rooms) -> None:
    if caller.role == "institution":
        # What others say of it is not its to enter, and what it says of others is a tip.
        if body.source != "filing" or body.institution_id != caller.institution:
            raise Forbidden("培训机构只能就本机构的备案材料报送")
        return
    if caller.office in TOWN_CODES and body.institution_id is not None:
        registered = await rooms.practices.institutions.get(body.institution_id)
        if registered.town != caller.office:
            raise Forbidden("镇（街道）只能报送本辖区的培训机构")


def _whose(caller: Caller) -> tuple[str | None, str | None]:
    """Return the office and town that a caller's list is kept to; those in charge see all."""
    if caller.role == "admin" or caller.office in (*COMPETENT, *PLATFORM_KEEPERS):
        return None, None
    return caller.office or "", caller.office if caller.office in TOWN_CODES else None


def _not_ahead(body: ToldIn, rooms: Rooms) -> None:
    if max(body.first_on, body.last_on or body.first_on) > city_date(rooms.now()):
        raise refused_at("last_on" if body.last_on else "first_on", detail="日期晚于今天")


def _contact(told: Told, rooms: Rooms) -> str | None:
    return None if told.sealed_contact is None else rooms.sealer.open(told.sealed_contact)
