"""What a service tells a department about an alert. Owner: the service that raised it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.base import Channel, Contract

Level = Literal["yellow", "red"]
AlertState = Literal["raised", "acknowledged", "rectifying", "rechecked", "disposed", "superseded"]
Role = Literal["lead", "assist", "inform"]
Outcome = Literal["upheld", "corrected", "unfounded"]
ClockOf = Literal["acknowledge", "dispose", "recheck"]
NoticeOf = Literal[
    "raised",
    "level_changed",
    "reopened",
    "superseded",
    "disposed",
    "rerouted",
    "withdrawn",
    "rectifying",
    "rechecked",
    "feedback",
    "statement",
    "overdue",
    "escalated",
]


class AlertAbout(Contract):
    """The one thing an alert is about."""

    kind: str = Field(examples=["institution", "account", "bank"])
    id: str
    name: str


class AlertDisposal(Contract):
    """How the lead department ended the alert, told to every department it was delivered to."""

    outcome: Outcome
    reason: str
    department: str
    disposed_at: AwareDatetime


class AlertOverdue(Contract):
    """A clock of the lead that has passed and still waits for it."""

    clock: ClockOf
    due_at: AwareDatetime


class AlertEscalation(Contract):
    """The last step by which a late alert was carried up; no department where nobody is left."""

    clock: ClockOf
    step: Annotated[int, Field(ge=1)]
    department: str | None = None
    reason: str
    escalated_at: AwareDatetime


class AlertNotice(Contract):
    """An alert was raised, changed or ended, told to one department with its own role in it.

    The notice with the highest ``version`` of an ``alert_id`` is the present state; versions that
    changed nothing for a department are left out.
    """

    alert_id: str
    version: Annotated[int, Field(ge=1)]
    change: NoticeOf = Field(
        description=(
            "rerouted: the departments or roles changed; "
            "withdrawn: this department no longer has a part in the alert; "
            "rectifying and rechecked: the lead had something put right, and looked; "
            "feedback and statement: another department, or the institution, said something that "
            "the service shows; overdue and escalated: a clock passed, and was carried up."
        )
    )
    level: Level
    state: AlertState
    service: str
    rule: str
    rule_version: int
    title: str
    message: str
    article: str
    origin: str = Field(
        description="Seed: the city's plan, L: law, S: public page; G and P are not law."
    )
    window: str = Field(examples=["2026-03"])
    about: AlertAbout
    department: str
    role: Role
    reason: str = Field(description="Why this department receives the alert.")
    lead: str
    raised_at: AwareDatetime
    changed_at: AwareDatetime
    causes: tuple[str, ...] = Field(
        default=(), description="References of the events that led to this change, first ones."
    )
    disposal: AlertDisposal | None = None
    rectify_until: date | None = None
    overdue: tuple[AlertOverdue, ...] = ()
    escalation: AlertEscalation | None = None


def _alerts_of(service: str) -> Channel[AlertNotice]:
    return Channel(
        f"alerts.v1.{{department}}.{{level}}.{service}", "ALERTS", AlertNotice, service=service
    )


ALERT_CHANNELS: dict[str, Channel[AlertNotice]] = {
    service: _alerts_of(service)
    for service in ("registry", "schedule_monitor", "fund_monitor", "ads_watch")
}
