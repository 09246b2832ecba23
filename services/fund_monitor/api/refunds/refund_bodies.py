"""Bodies of requests for refunds, and how refunds are read."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.fund_monitor.domain.refunds.refund import Refund, State
from services.fund_monitor.store.refunds.refunds import RefundFile
from shared.contracts.bank import MOST_FEN, Day, Fen, Number
from shared.contracts.registry import InstitutionId

Reason = Annotated[str, Field(min_length=1, max_length=500, description="事由")]


class RefundRequest(BaseModel):
    """A refund asked for; all that is refundable where no amount is given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    institution_id: InstitutionId
    contract_no: Number
    requested_on: Day = Field(description="家长申请退费的日期")
    reason: Reason
    amount_fen: Fen | None = Field(default=None, description="申请退还金额，单位为分；不填为全部")


class RefundAnswer(BaseModel):
    """Why an institution agrees or objects, and what it says is consumed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    reason: Reason
    consumed_fen: (
        Annotated[int, Field(strict=True, ge=0, le=MOST_FEN, description="机构所称已消课金额")]
        | None
    ) = None


class RefundDecision(BaseModel):
    """What the competent department decides after an objection."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    amount_fen: Annotated[int, Field(strict=True, ge=0, le=MOST_FEN, description="决定退还金额")]
    reason: Reason


class RefundView(BaseModel):
    """A refund as it stands; ``owed_fen`` is what has to be paid back, once it is settled."""

    refund_id: str
    institution_id: str
    contract_no: str
    state: State
    requested_on: str
    reason: str | None = None
    wanted_fen: int | None = None
    refundable_fen: int
    received_at: datetime
    owed_fen: int | None = None
    by_silence: bool
    answered_on: str | None = None
    paid_fen: int
    paid_on: str | None = None
    returned_on: str | None = None
    stated_consumed_fen: int | None = None


class RefundStepView(BaseModel):
    """One step of a refund."""

    state: State
    at: datetime
    by_role: str
    by_office: str | None = None
    reason: str | None = None
    amount_fen: int | None = None


class RefundFileView(BaseModel):
    """A refund with its history, the first step first."""

    refund: RefundView
    steps: list[RefundStepView]


class RefundPage(BaseModel):
    """A page of refunds, those taken in last first."""

    refunds: list[RefundView]
    next_cursor: str | None = None


def refund_view(refund: Refund) -> RefundView:
    """Return a refund as it is read."""
    days = {
        name: None if (day := getattr(refund, name)) is None else day.isoformat()
        for name in ("answered_on", "paid_on", "returned_on")
    }
    plain = ("institution_id", "contract_no", "state", "reason", "wanted_fen", "refundable_fen")
    return RefundView(
        refund_id=refund.id,
        requested_on=refund.requested_on.isoformat(),
        received_at=refund.received_at,
        owed_fen=refund.owed_fen,
        by_silence=refund.silent,
        paid_fen=refund.paid_fen,
        stated_consumed_fen=refund.stated_consumed_fen,
        **{name: getattr(refund, name) for name in plain},
        **days,
    )


def file_view(found: RefundFile) -> RefundFileView:
    """Return a refund with its steps as they are read."""
    steps = [RefundStepView.model_validate(step, from_attributes=True) for step in found.steps]
    return RefundFileView(refund=refund_view(found.refund), steps=steps)
