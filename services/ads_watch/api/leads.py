"""Leads: what lies with a department, and how it answers."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.ads_watch.api.deps import (
    USUAL_LIMIT,
    Cursor,
    DeskDep,
    Limit,
    before_of,
    cursor_after,
)
from services.ads_watch.app.answer_lead import Answer, answer_lead
from services.ads_watch.app.desk import Desk
from services.ads_watch.domain.lead import (
    Lead,
    LeadAnsweredOtherwise,
    LeadNotAccepted,
    LeadNotFound,
    LeadNotReturnable,
    LeadOutcome,
    LeadState,
    NotYourLead,
    StepKind,
)
from services.ads_watch.store.leads import Asked
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.contracts.ads import OUTCOMES
from shared.duties.departments import is_known
from shared.errors import Forbidden, Malformed, Unauthenticated
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.problem import responses

router = APIRouter(prefix="/v1/leads", tags=["线索移送"])

LeadPath = Annotated[str, Path(max_length=64)]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]+$"),
]
_ANSWERING = (
    *(Unauthenticated, LeadNotFound, NotYourLead, LeadAnsweredOtherwise),
    *(KeyedRequestRunning, KeyReused),
)


class ReturnFiling(BaseModel):
    """Why a lead is not this department's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Reason


class FeedbackFiling(BaseModel):
    """What came of a lead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: LeadOutcome = Field(description=OUTCOMES)
    reason: Reason


class StepView(BaseModel):
    """One answer of a department."""

    kind: StepKind
    department: str
    at: datetime
    reason: str | None
    outcome: LeadOutcome | None


class LeadView(BaseModel):
    """A lead: what it is about, with whom it lies and why, and what became of it."""

    lead_id: str
    version: int
    sighting_id: str
    kind: str
    title: str
    article: str
    explanation: str
    phrase: str | None
    sender: str
    department: str
    reason: str
    state: LeadState
    sent_at: datetime
    steps: list[StepView]


class LeadPage(BaseModel):
    """One page of leads, newest first."""

    leads: list[LeadView]
    next: str | None


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
        leads=[_view(lead) for lead in found],
        next=cursor_after([lead.lead_id for lead in found], limit=limit),
    )


@router.get("/{lead_id}", responses=responses(Unauthenticated, Forbidden, LeadNotFound))
async def read_lead(lead_id: LeadPath, caller: CallerDep, desk: DeskDep) -> LeadView:
    """返回一条线索及其办理经过。"""
    lead = await desk.leads.get(lead_id)
    if caller.office is not None and caller.office not in lead.parties:
        raise LeadNotFound("没有这个编号的线索，或您所在的部门未参与。")
    return _view(lead)


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
        return _view(await answer_lead(answer, desk=desk, who=Who.of(caller)))

    return work


def _view(lead: Lead) -> LeadView:
    return LeadView(
        lead_id=lead.lead_id,
        version=lead.version,
        sighting_id=lead.sighting_id,
        kind=lead.point.kind,
        title=lead.point.title,
        article=lead.point.article,
        explanation=lead.point.explanation,
        phrase=lead.point.phrase,
        sender=lead.sender,
        department=lead.department,
        reason=lead.reason,
        state=lead.state,
        sent_at=lead.sent_at,
        steps=[
            StepView(
                kind=step.kind,
                department=step.department,
                at=step.at,
                reason=step.reason,
                outcome=step.outcome,
            )
            for step in lead.steps
        ],
    )
