"""What a department sends of a lead, and how a lead is shown."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.ads_watch.domain.lead import Lead, LeadOutcome, LeadState, StepKind
from shared.contracts.ads import OUTCOMES

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]+$"),
]


class ReturnFiling(BaseModel):
    """Why a lead is not this department's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Reason


class FeedbackFiling(BaseModel):
    """What came of a lead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: LeadOutcome = Field(description=OUTCOMES)
    reason: Reason


class LeadStepView(BaseModel):
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
    steps: list[LeadStepView]


class LeadPage(BaseModel):
    """One page of leads, newest first."""

    leads: list[LeadView]
    next_cursor: str | None


def lead_view(lead: Lead) -> LeadView:
    """Show a lead."""
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
            LeadStepView(
                kind=step.kind,
                department=step.department,
                at=step.at,
                reason=step.reason,
                outcome=step.outcome,
            )
            for step in lead.steps
        ],
    )
