"""What people send when they act on an alert."""

from datetime import date
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.alerts.handling import Ending, Receipt
from shared.alerts.model import Outcome
from shared.alerts.rectifying import Check, Order

Text: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)
]
Reason: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)
]
Subject: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)
]


class Seen(BaseModel):
    """The version of the alert that somebody saw before acting."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        default=None, description="The version that was seen; 409 when the alert is past it."
    )


class Acknowledgement(Seen):
    """A department has seen the alert, and says who takes it on."""

    note: Annotated[str, Field(max_length=500)] | None = None
    assignee: Subject | None = Field(default=None, description="Subject of who takes it on.")
    deputy: Subject | None = Field(default=None, description="Subject of who stands in.")

    def receipt(self) -> Receipt:
        return Receipt(note=self.note, assignee=self.assignee, deputy=self.deputy)


class RectificationRequest(Seen):
    """The lead has something put right until a day."""

    requirement: Reason
    until: date

    def order(self) -> Order:
        return Order(requirement=self.requirement, until=self.until)


class RecheckRequest(Seen):
    """The lead looked whether it was put right; a re-check that fails sets a new day."""

    passed: bool
    note: Reason
    until: date | None = None

    def check(self) -> Check:
        return Check(passed=self.passed, note=self.note, until=self.until)


class DisposalRequest(Seen):
    """The lead ends the alert, with its outcome and why."""

    outcome: Outcome
    reason: Reason
    unanswered_reason: Reason | None = Field(
        default=None,
        description="Why it is upheld over an unanswered statement, or before the clock ran out.",
    )

    def ending(self) -> Ending:
        return Ending(
            outcome=self.outcome, reason=self.reason, unanswered_reason=self.unanswered_reason
        )


class FeedbackRequest(Seen):
    """What one department tells the others."""

    text: Text


class TransferRequest(Seen):
    """The lead hands the alert to another department."""

    to: Annotated[str, Field(max_length=64)]
    reason: Reason


class SnoozeRequest(Seen):
    """A department wants no reminders until a day begins."""

    until: date
    reason: Reason


class StatementRequest(Seen):
    """What the institution says (陈述申辩); a department gives the day its paper came in."""

    text: Text
    received_on: date | None = Field(
        default=None, description="Departments only: the day a paper came in, by default today."
    )


class AnswerRequest(Seen):
    """The lead's answer to a statement."""

    text: Text
