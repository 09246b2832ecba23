"""Whose matter a report of practice is: who may see it, act on it, and enter one."""

from services.schedule_monitor.api.deps import Rooms
from services.schedule_monitor.api.practices.practice_bodies import PracticeReportIn
from services.schedule_monitor.domain.practices.practice import (
    NotResponsible,
    PracticeReportNotFound,
    Report,
    ReportInHand,
)
from services.schedule_monitor.store.practices import Whose
from shared.access.scopes import COMPETENT, PLATFORM_KEEPERS, TOWN_CODES
from shared.access.tokens import Caller
from shared.errors import Forbidden


async def seen_by(report_id: str, caller: Caller, rooms: Rooms) -> Report:
    """Return a report to who may see it; to anybody else there is none."""
    report = await rooms.practices.reports.get(report_id)
    if not whose(caller).has(report):
        raise PracticeReportNotFound("没有这个编号的反映，或无权查看。")
    return report


async def responsible_for(report_id: str, caller: Caller, rooms: Rooms) -> Report:
    """Return a report to who handles it; others may see it, and do no more."""
    report = await seen_by(report_id, caller, rooms)
    if not handles(caller, report):
        raise NotResponsible("由机构的主管部门办理；平台由市经信局会同市教育局办理。")
    return report


async def theirs(report_id: str, caller: Caller, rooms: Rooms) -> Report:
    """Return a report to whoever made it, and to who handles it.

    An institution's own is out of its hands once an expert was asked, or something was decided.
    """
    report = await seen_by(report_id, caller, rooms)
    if handles(caller, report):
        return report
    if caller.role == "institution":
        if report.in_hand:
            raise ReportInHand("主管部门已征询专家意见或作出决定；如有异议，请向主管部门说明。")
    elif report.office is None or caller.office != report.office:
        raise NotResponsible("只有报送单位和办理部门可以更正、撤回。")
    return report


async def check_may_report(caller: Caller, body: PracticeReportIn, rooms: Rooms) -> None:
    """Refuse a report that is not this caller's to enter."""
    if caller.role == "institution":
        # What others say of it is not its to enter, and what it says of others is a tip.
        if body.source != "filing" or body.institution_id != caller.institution:
            raise Forbidden("培训机构只能就本机构的备案材料报送")
        return
    if caller.office in TOWN_CODES and body.institution_id is not None:
        registered = await rooms.practices.institutions.get(body.institution_id)
        if registered.town != caller.office:
            raise Forbidden("镇（街道）只能报送本辖区的培训机构")


def handles(caller: Caller, report: Report) -> bool:
    """Tell whether a caller handles a report."""
    return caller.role == "admin" or caller.office in report.responsible


def whose(caller: Caller) -> Whose:
    """Return which reports a caller sees: those in charge all, others what is their own matter."""
    if caller.role == "institution":
        return Whose(institution=caller.institution or "")
    if caller.role == "admin" or caller.office in (*COMPETENT, *PLATFORM_KEEPERS):
        return Whose()
    office = caller.office or ""
    return Whose(office=office, town=office if office in TOWN_CODES else None)
