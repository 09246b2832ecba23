"""What departments do with an alert: see it, end it, tell each other of it, put it off."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from shared.alerts.changes import (
    Change,
    next_version,
    open_state,
    require_lead,
    require_open,
    require_room,
    require_standing,
    seen_by_lead,
    to_all,
    told_to_all,
    told_to_nobody,
)
from shared.alerts.clocks import Reckoning, next_due
from shared.alerts.history import Feedback
from shared.alerts.model import (
    Actor,
    Alert,
    Delivery,
    Disposal,
    Outcome,
    evidence_of,
    severity,
)
from shared.alerts.statements import require_heard
from shared.city_time import city_date
from shared.errors import Conflict, Rejected
from shared.working_days import end_of


class RecheckMissing(Conflict):
    """Nothing is corrected before somebody has looked."""

    code: ClassVar[str] = "recheck-missing"
    title: ClassVar[str] = "整改尚未复查"


class SnoozeRefused(Rejected):
    """An alert may be put off for a while, and a red one not past its next clock."""

    code: ClassVar[str] = "snooze-refused"
    title: ClassVar[str] = "不能暂缓提醒至该日期"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A department has seen an alert: its note, and the subjects of those who take it on."""

    note: str | None = None
    assignee: str | None = None
    deputy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The lead's outcome and why; and why it upholds without having heard the institution."""

    outcome: Outcome
    reason: str
    unanswered_reason: str | None = None


def acknowledge(alert: Alert, receipt: Receipt, *, by: Actor, now: datetime) -> Change | None:
    """Record that a department has seen the alert, and who takes it on; ``None`` for a repeat."""
    delivery = alert.delivery_to(by.office_in(alert))
    if delivery is None:
        return None
    taken_on = replace(
        delivery,
        assignee=receipt.assignee or delivery.assignee,
        deputy=receipt.deputy or delivery.deputy,
    )
    if delivery.acknowledged_at is not None:
        if taken_on == delivery:
            return None
        require_standing(alert)
        after = replace(alert, deliveries=_with(alert, taken_on))
        return told_to_nobody("updated", alert, after, now=now)
    require_standing(alert)
    deliveries = _with(
        alert,
        replace(taken_on, acknowledged_at=now, acknowledged_by=by.subject, note=receipt.note),
    )
    state = open_state(deliveries, alert.rectification) if alert.is_open else alert.state
    after = replace(alert, deliveries=deliveries, state=state)
    return told_to_nobody("acknowledged", alert, after, now=now)


def dispose(
    alert: Alert, ending: Ending, *, by: Actor, now: datetime, reckoning: Reckoning
) -> Change | None:
    """End the alert for its lead, who thereby has acknowledged it; ``None`` for the same again."""
    require_lead(alert, by)
    if not alert.is_open and _is_repeat(alert, ending):
        return None
    require_open(alert)
    if ending.outcome == "corrected" and alert.state == "rectifying":
        raise RecheckMissing("该预警已责令整改，须先复查，才能以“已整改”结案。")
    if ending.outcome == "upheld" and ending.unanswered_reason is None:
        require_heard(alert, now=now, reckoning=reckoning)
    after = replace(
        alert,
        state="disposed",
        deliveries=seen_by_lead(alert, by=by, now=now),
        disposals=(*alert.disposals, _disposal(alert, ending, by=by.subject, now=now)),
    )
    return told_to_all("disposed", alert, after, now=now)


def give_feedback(alert: Alert, text: str, *, by: Actor, now: datetime) -> Change | None:
    """Keep what a department tells the others; ``None`` when it has said the same before."""
    office = by.office_in(alert)
    if any((it.department, it.text) == (office, text) for it in alert.feedback):
        return None
    require_standing(alert)
    require_room(alert.feedback)
    said = Feedback(department=office, text=text, given_by=by.subject, given_at=now)
    after = replace(alert, feedback=(*alert.feedback, said), causes=())
    after = next_version(after, now)
    return Change("feedback", alert, after, to_all(after, "feedback", besides=office))


def snooze(
    alert: Alert,
    reason: str,
    *,
    until: date,
    by: Actor,
    now: datetime,
    reckoning: Reckoning,
) -> Change | None:
    """Quiet a department's reminders until a day begins; ``None`` for the same again."""
    delivery = alert.delivery_to(by.office_in(alert))
    moment = end_of(until - timedelta(days=1)).astimezone(UTC)
    if delivery is None or (delivery.snoozed_until, delivery.snooze_reason) == (moment, reason):
        return None
    require_open(alert)
    _require_short(alert, moment, now=now, reckoning=reckoning)
    quiet = replace(delivery, snoozed_until=moment, snooze_reason=reason)
    after = replace(alert, deliveries=_with(alert, quiet))
    return told_to_nobody("updated", alert, after, now=now)


def _require_short(alert: Alert, moment: datetime, *, now: datetime, reckoning: Reckoning) -> None:
    if moment <= now:
        raise SnoozeRefused("暂缓提醒的截止日期须在今天之后。")
    today = city_date(now)
    most = reckoning.limits(today).snooze
    if moment > reckoning.deadline(today, days=most).at:
        raise SnoozeRefused(f"暂缓提醒最多{most}个工作日。")
    due = next_due(alert, reckoning)
    if alert.level == "red" and (alert.overdue or (due is not None and moment > due.at)):
        raise SnoozeRefused("红色预警的提醒不能暂缓到下一个办理期限之后。")


def _with(alert: Alert, changed: Delivery) -> tuple[Delivery, ...]:
    return tuple(changed if it.department == changed.department else it for it in alert.deliveries)


def _is_repeat(alert: Alert, ending: Ending) -> bool:
    return any(
        (it.outcome, it.reason, it.unanswered_reason)
        == (ending.outcome, ending.reason, ending.unanswered_reason)
        for it in alert.disposals[-1:]
    )


def _disposal(alert: Alert, ending: Ending, *, by: str, now: datetime) -> Disposal:
    # What was judged before stays judged, should a part of it come back alone.
    earlier = alert.disposals[-1:]
    return Disposal(
        outcome=ending.outcome,
        reason=ending.reason,
        department=alert.lead,
        disposed_by=by,
        disposed_at=now,
        level=max([alert.level, *(it.level for it in earlier)], key=severity),
        evidence=evidence_of(alert.findings).union(*(it.evidence for it in earlier)),
        unanswered_reason=ending.unanswered_reason,
    )
