"""Alerts as the HTTP interface shows them."""

from datetime import datetime

from pydantic import BaseModel, Field

from shared.alerts.clocks import Reckoning, statement_deadline
from shared.alerts.history_views import HistoryView, history_of
from shared.alerts.model import (
    Alert,
    Delivery,
    Disposal,
    Figure,
    Finding,
    Level,
    Outcome,
    State,
)
from shared.duties.departments import name_of
from shared.duties.parties import Role

# A page of a list shows the first events of each finding; the alert itself shows them all.
_EVENTS_IN_LIST = 20


class AboutView(BaseModel):
    """The one thing an alert is about."""

    kind: str
    id: str
    name: str


class DeliveryView(BaseModel):
    """One department's part in an alert: why it receives it, and whether it has said so."""

    department: str
    name: str
    role: Role
    reason: str
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    note: str | None = None
    assignee: str | None = None
    deputy: str | None = None
    snoozed_until: datetime | None = None
    snooze_reason: str | None = None


class FindingView(BaseModel):
    """What the rule says, with the figures and events it was computed from."""

    level: Level
    message: str
    article: str
    rule_version: int
    figures: dict[str, Figure]
    events: list[str]
    events_count: int = Field(description="In a list only the first events are shown.")


class DisposalView(BaseModel):
    """How the lead ended the alert."""

    outcome: Outcome
    reason: str
    department: str
    disposed_by: str
    disposed_at: datetime
    level: Level
    unanswered_reason: str | None = Field(
        default=None, description="Why the lead upheld without hearing the institution out."
    )


class AlertView(BaseModel):
    """An alert as the departments it was delivered to see it."""

    id: str
    service: str
    rule: str
    rule_version: int
    title: str
    message: str
    article: str
    origin: str = Field(description="Seed 方案、L 法律、S 公开网页；G、P 不是法律依据。")
    level: Level
    state: State
    window: str
    about: AboutView
    lead: str
    deliveries: list[DeliveryView]
    findings: list[FindingView] = Field(
        description="For a superseded alert, the findings it last had."
    )
    causes: list[str] = Field(description="Events that led to the last change, first ones.")
    raised_at: datetime
    updated_at: datetime
    version: int
    disposal: DisposalView | None = None
    earlier_disposals: list[DisposalView] = Field(
        description="Disposals that new evidence or the lack of any has overtaken."
    )
    told_at: datetime | None = Field(description="When the institution was told, if it was.")
    statement_due_at: datetime | None
    history: HistoryView


class AlertPage(BaseModel):
    """One page of alerts, newest first."""

    alerts: list[AlertView]
    next_cursor: str | None


class AlertSummary(BaseModel):
    """How many alerts stand, per department they are delivered to and level."""

    alerts: dict[str, dict[Level, int]]


def view_of(
    alert: Alert, *, service: str, reckoning: Reckoning, in_list: bool = False
) -> AlertView:
    """Show one alert; in a list with the first events of each finding only."""
    most = _EVENTS_IN_LIST if in_list else None
    may_state_until = statement_deadline(alert, reckoning)
    overtaken = alert.disposals[:-1] if alert.disposal else alert.disposals
    return AlertView(
        id=alert.id,
        service=service,
        rule=alert.rule.code,
        rule_version=alert.rule.version,
        title=alert.rule.title,
        message=alert.message,
        article=alert.rule.article,
        origin=alert.rule.origin,
        level=alert.level,
        state=alert.state,
        window=alert.window,
        about=AboutView(kind=alert.about.kind, id=alert.about.id, name=alert.about.name),
        lead=alert.lead,
        deliveries=[_delivery(delivery) for delivery in alert.deliveries],
        findings=[_finding(finding, most) for finding in alert.findings],
        causes=list(alert.causes),
        raised_at=alert.raised_at,
        updated_at=alert.updated_at,
        version=alert.version,
        disposal=None if alert.disposal is None else _disposal(alert.disposal),
        earlier_disposals=[_disposal(disposal) for disposal in overtaken],
        told_at=alert.told_at,
        statement_due_at=None if may_state_until is None else may_state_until.at,
        history=history_of(alert, reckoning, in_list=in_list),
    )


def _delivery(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        department=delivery.department,
        name=name_of(delivery.department),
        role=delivery.role,
        reason=delivery.reason,
        acknowledged_at=delivery.acknowledged_at,
        acknowledged_by=delivery.acknowledged_by,
        note=delivery.note,
        assignee=delivery.assignee,
        deputy=delivery.deputy,
        snoozed_until=delivery.snoozed_until,
        snooze_reason=delivery.snooze_reason,
    )


def _finding(finding: Finding, most: int | None) -> FindingView:
    return FindingView(
        level=finding.level,
        message=finding.message,
        article=finding.rule.article,
        rule_version=finding.rule.version,
        figures=dict(finding.figures),
        events=list(finding.events[:most]),
        events_count=len(finding.events),
    )


def _disposal(disposal: Disposal) -> DisposalView:
    return DisposalView(
        outcome=disposal.outcome,
        reason=disposal.reason,
        department=disposal.department,
        disposed_by=disposal.disposed_by,
        disposed_at=disposal.disposed_at,
        level=disposal.level,
        unanswered_reason=disposal.unanswered_reason,
    )
