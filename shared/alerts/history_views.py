"""What people and clocks did to an alert, as the HTTP interface shows it."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from shared.alerts.clocks import Reckoning, mark_of, running
from shared.alerts.history import ClockKind, Statement
from shared.alerts.model import Alert


class _Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class RecheckView(_Shown):
    """What the lead found when it looked again."""

    passed: bool
    note: str
    checked_by: str
    checked_at: datetime


class RectificationView(_Shown):
    """What must be put right, until when, and whether it was."""

    requirement: str
    until: date
    department: str
    ordered_by: str
    ordered_at: datetime
    recheck: RecheckView | None = None


class TransferView(_Shown):
    """The lead handed the alert to another department."""

    from_department: str
    to_department: str
    reason: str
    transferred_by: str
    transferred_at: datetime


class FeedbackView(_Shown):
    """What one department tells the others."""

    department: str
    text: str
    given_by: str
    given_at: datetime


class AnswerView(_Shown):
    """The lead's answer to a statement."""

    text: str
    department: str
    answered_at: datetime


class StatementView(_Shown):
    """What the institution says, and what the lead answered."""

    id: str
    text: str
    on_paper_at: str | None = Field(
        default=None, description="The department that typed it in from paper."
    )
    received_at: datetime
    filed_at: datetime
    answer: AnswerView | None = None


class ClockView(BaseModel):
    """A clock that runs for the lead; by an estimated calendar it never fires."""

    clock: ClockKind
    due_at: datetime
    provisional: bool
    overdue: bool


class LatenessView(_Shown):
    """A clock that passed, and when the lead acted after all."""

    clock: ClockKind
    due_at: datetime
    marked_at: datetime
    lead: str
    step: int = Field(description="How far it was carried up: 1 综合组, 2 督导督查组.")
    stopped_at: datetime | None = None


class EscalationView(_Shown):
    """A late clock was carried up; no department where nobody is left above."""

    clock: ClockKind
    step: int
    to_department: str | None
    reason: str
    escalated_at: datetime


class HistoryView(BaseModel):
    """What was done beside judging; a list shows the counts, the alert itself all of it."""

    rectification: RectificationView | None = None
    past_rectifications: list[RectificationView]
    transfers: list[TransferView]
    feedback: list[FeedbackView]
    feedback_count: int
    statements: list[StatementView]
    statements_count: int
    clocks: list[ClockView]
    lateness: list[LatenessView]
    escalations: list[EscalationView]


def history_of(alert: Alert, reckoning: Reckoning, *, in_list: bool) -> HistoryView:
    """Show what was done to an alert."""
    return HistoryView(
        rectification=None
        if alert.rectification is None
        else RectificationView.model_validate(alert.rectification),
        past_rectifications=[]
        if in_list
        else [RectificationView.model_validate(it) for it in alert.past_rectifications],
        transfers=[TransferView.model_validate(it) for it in alert.transfers],
        feedback=[] if in_list else [FeedbackView.model_validate(it) for it in alert.feedback],
        feedback_count=len(alert.feedback),
        statements=[] if in_list else [statement_view(it) for it in alert.statements],
        statements_count=len(alert.statements),
        clocks=clocks_of(alert, reckoning),
        lateness=[LatenessView.model_validate(it) for it in alert.lateness],
        escalations=[EscalationView.model_validate(it) for it in alert.escalations],
    )


def clocks_of(alert: Alert, reckoning: Reckoning) -> list[ClockView]:
    """Show the clocks that run."""
    return [
        ClockView(
            clock=clock.clock,
            due_at=deadline.at,
            provisional=deadline.provisional,
            overdue=mark_of(alert, clock) is not None,
        )
        for clock in running(alert, reckoning)
        for deadline in [reckoning.deadline_of(clock)]
    ]


def statement_view(statement: Statement) -> StatementView:
    """Show one statement with its answer."""
    return StatementView.model_validate(statement)
