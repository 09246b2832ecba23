"""Leads: what lies with a department, and how it answers."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.ads_watch.api.deps import DeskDep
from services.ads_watch.api.lead_bodies import (
    FeedbackFiling,
    LeadPage,
    LeadView,
    ReturnFiling,
    lead_view,
)
from services.ads_watch.app.answer_lead import Answer, answer_lead
from services.ads_watch.app.desk import Desk
from services.ads_watch.domain.lead import (
    LeadAnsweredOtherwise,
    LeadNotAccepted,
    LeadNotFound,
    LeadNotReturnable,
    LeadState,
    NotYourLead,
)
from services.ads_watch.store.leads import Asked
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.duties.departments import is_known
from shared.errors import Forbidden, Malformed, Unauthenticated
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after
from shared.problem import responses

router = APIRouter(prefix="/v1/leads", tags=["线索移送"])

LeadPath = Annotated[str, Path(max_length=64)]
_ANSWERING = (
    *(Unauthenticated, LeadNotFound, NotYourLead, LeadAnsweredOtherwise),
    *(KeyedRequestRunning, KeyReused),
)


@router.get("", responses=responses(Unauthenticated, Forbidden))
async def list_leads(  # noqa: PLR0913 - the filters of a list are its query parameters
    caller: CallerDep,
    desk: DeskDep,
    *,
    department: Annotated[
        str | None, Query(max_length=64, description="With whom the lead lies now.")
    ] = None,
    state: LeadState | None = None,
    sighting_id: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> LeadPage:
    """列出本部门移送、收到或退回的线索，最新的在前；市市场监管局可见全部。"""
    if department is not None and not is_known(department):
        raise Malformed("没有这个部门代码")
    found = await desk.leads.page(
        Asked(
            party=caller.office,
            department=department,
            sighting_id=sighting_id,
            state=state,
            before=before_of(cursor),
            limit=limit,
        )
    )
    return LeadPage(
        leads=[lead_view(lead) for lead in found],
        next_cursor=cursor_after([lead.lead_id for lead in found], limit=limit),
    )


@router.get("/{lead_id}", responses=responses(Unauthenticated, Forbidden, LeadNotFound))
async def read_lead(lead_id: LeadPath, caller: CallerDep, desk: DeskDep) -> LeadView:
    """返回一条线索及其办理经过。"""
    lead = await desk.leads.get(lead_id)
    if caller.office is not None and caller.office not in lead.parties:
        raise LeadNotFound("没有这个编号的线索，或您所在的部门未参与。")
    return lead_view(lead)


@router.post("/{lead_id}/accept", responses=responses(*_ANSWERING))
async def accept_lead(
    lead_id: LeadPath, caller: CallerDep, desk: DeskDep, once: OnceDep
) -> LeadView:
    """签收线索；重复签收不改变什么。"""
    answer = Answer(lead_id=lead_id, kind="accepted", office=caller.office)
    return await once.after(LeadView, _answering(answer, caller, desk))


@router.post("/{lead_id}/return", responses=responses(*_ANSWERING, LeadNotReturnable))
async def return_lead(
    lead_id: LeadPath, filing: ReturnFiling, caller: CallerDep, desk: DeskDep, once: OnceDep
) -> LeadView:
    """退回不属于本部门职责的线索，并说明理由；此后由市市场监管局办理。"""
    answer = Answer(lead_id=lead_id, kind="returned", office=caller.office, reason=filing.reason)
    return await once.after(LeadView, _answering(answer, caller, desk))


@router.post("/{lead_id}/feedback", responses=responses(*_ANSWERING, LeadNotAccepted))
async def feed_back_lead(
    lead_id: LeadPath, filing: FeedbackFiling, caller: CallerDep, desk: DeskDep, once: OnceDep
) -> LeadView:
    """反馈已签收线索的办理结果。"""
    answer = Answer(
        lead_id=lead_id,
        kind="feedback",
        office=caller.office,
        reason=filing.reason,
        outcome=filing.outcome,
    )
    return await once.after(LeadView, _answering(answer, caller, desk))


def _answering(answer: Answer, caller: Caller, desk: Desk) -> Callable[[], Awaitable[LeadView]]:
    async def work() -> LeadView:
        return lead_view(await answer_lead(answer, desk=desk, who=Who.of(caller)))

    return work
