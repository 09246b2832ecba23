"""What leaves a service when an alert changes: a notice to each department it is delivered to."""

from collections.abc import Iterable, Iterator

from shared.alerts.changes import Change, Notice
from shared.alerts.model import Alert
from shared.contracts.alerts import (
    AlertAbout,
    AlertDisposal,
    AlertEscalation,
    AlertNotice,
    AlertOverdue,
)
from shared.contracts.base import Channel
from shared.outbox import Outgoing


def outgoing(changes: Iterable[Change], channel: Channel[AlertNotice]) -> list[Outgoing]:
    """Return the outbox rows of some changes."""
    return [event for change in changes for event in _of_one(change, channel)]


def _of_one(change: Change, channel: Channel[AlertNotice]) -> Iterator[Outgoing]:
    alert = change.after
    for notice in change.notices:
        department = notice.delivery.department
        yield Outgoing(
            channel=channel,
            key=f"alert:{alert.id}:{department}",
            version=alert.version,
            tokens={"department": department, "level": alert.level},
            subject=alert.id,
            data=_notice(alert, notice, channel.service),
        )


def _notice(alert: Alert, notice: Notice, service: str) -> AlertNotice:
    return AlertNotice(
        alert_id=alert.id,
        version=alert.version,
        change=notice.change,
        level=alert.level,
        state=alert.state,
        service=service,
        rule=alert.rule.code,
        rule_version=alert.rule.version,
        title=alert.rule.title,
        message=alert.message,
        article=alert.rule.article,
        origin=alert.rule.origin,
        window=alert.window,
        about=AlertAbout(kind=alert.about.kind, id=alert.about.id, name=alert.about.name),
        department=notice.delivery.department,
        role=notice.delivery.role,
        reason=notice.delivery.reason,
        lead=alert.lead,
        raised_at=alert.raised_at,
        changed_at=alert.updated_at,
        causes=alert.causes,
        disposal=_disposal(alert),
        rectify_until=alert.rectification.until
        if alert.state == "rectifying" and alert.rectification
        else None,
        overdue=tuple(AlertOverdue(clock=it.clock, due_at=it.due_at) for it in alert.overdue),
        escalation=_escalation(alert),
    )


def _disposal(alert: Alert) -> AlertDisposal | None:
    if alert.disposal is None:
        return None
    return AlertDisposal(
        outcome=alert.disposal.outcome,
        reason=alert.disposal.reason,
        department=alert.disposal.department,
        disposed_at=alert.disposal.disposed_at,
    )


def _escalation(alert: Alert) -> AlertEscalation | None:
    if not alert.overdue or not alert.escalations:
        return None
    last = alert.escalations[-1]
    return AlertEscalation(
        clock=last.clock,
        step=last.step,
        department=last.to_department,
        reason=last.reason,
        escalated_at=last.escalated_at,
    )
