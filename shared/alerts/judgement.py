"""The life of an alert as pure functions: what a verdict and what a person makes of it.

Where an alert stands follows from the verdict and from what people did, never from the order in
which verdicts came: no findings, superseded; findings that a disposal has judged, disposed; any
other, raised, or acknowledged once the lead has said so. Only acknowledgements have a history: a
rise of the level and a return of the breach void them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal

from shared.alerts.model import (
    Actor,
    Alert,
    Delivery,
    Disposal,
    Finding,
    Level,
    Outcome,
    State,
    Verdict,
    canonical,
    evidence_of,
    highest,
    message_of,
    severity,
)
from shared.duties.departments import name_of
from shared.duties.routing import RoutingDecision
from shared.errors import Conflict, Forbidden

ChangeKind = Literal[
    "raised",
    "level_changed",
    "reopened",
    "superseded",
    "disposed",
    "rerouted",
    "acknowledged",
    "updated",
]
NoticeKind = Literal[
    "raised", "level_changed", "reopened", "superseded", "disposed", "rerouted", "withdrawn"
]

# An alert tells the first causes of a change; its findings hold all events.
_CAUSES_KEPT = 20


class AlertSuperseded(Conflict):
    """The record no longer supports the alert, so nothing can be done with it."""

    code: ClassVar[str] = "alert-superseded"
    title: ClassVar[str] = "预警已被撤销"


class AlertAlreadyDisposed(Conflict):
    """The alert was disposed of before, with another outcome or reason."""

    code: ClassVar[str] = "alert-already-disposed"
    title: ClassVar[str] = "预警已经处置"


class NotTheLead(Forbidden):
    """Only the department that leads an alert ends it."""

    code: ClassVar[str] = "not-the-lead"
    title: ClassVar[str] = "只有牵头部门可以处置预警"


class AlertChanged(Conflict):
    """The alert is past the version that was acted upon."""

    code: ClassVar[str] = "alert-changed"
    title: ClassVar[str] = "预警已有变化"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one department is told of a change."""

    delivery: Delivery
    change: NoticeKind


@dataclass(frozen=True, slots=True)
class Change:
    """An alert's next version, and who is told what. ``before`` is absent for a new alert."""

    kind: ChangeKind
    before: Alert | None
    after: Alert
    notices: tuple[Notice, ...] = ()


def judge_change(
    existing: Alert | None, verdict: Verdict, *, now: datetime, new_id: str
) -> Change | None:
    """Decide what a verdict makes of an alert; ``None`` when it says what is known already."""
    if verdict.route is None or not verdict.findings:
        return None if existing is None else _superseded(existing, verdict, now=now)
    findings = canonical(verdict.findings)
    if existing is None:
        return _raised(verdict, findings, verdict.route, now=now, new_id=new_id)
    return _judged_again(existing, verdict, findings, verdict.route, now=now)


def acknowledge(alert: Alert, *, by: Actor, note: str | None, now: datetime) -> Change | None:
    """Record that a department has seen the alert; ``None`` when it had said so before."""
    delivery = alert.delivery_to(by.department or alert.lead)
    if delivery is None or delivery.acknowledged_at is not None:
        return None
    if alert.state == "superseded":
        raise AlertSuperseded("该预警所依据的记录已不成立，预警已撤销，无需签收。")
    deliveries = tuple(
        replace(it, acknowledged_at=now, acknowledged_by=by.subject, note=note)
        if it is delivery
        else it
        for it in alert.deliveries
    )
    state = alert.state if alert.state == "disposed" else _open_state(deliveries)
    after = _next(replace(alert, deliveries=deliveries, state=state), now)
    return Change("acknowledged", alert, after)


def dispose(
    alert: Alert, *, outcome: Outcome, reason: str, by: Actor, now: datetime
) -> Change | None:
    """End the alert for its lead, who thereby has acknowledged it; ``None`` for the same again."""
    if by.department not in (alert.lead, None):
        raise NotTheLead(f"该预警由{name_of(alert.lead)}牵头，只有牵头部门可以处置。")
    if not _is_open(alert) and _is_repeat(alert, outcome, reason):
        return None
    if alert.state == "superseded":
        raise AlertSuperseded("该预警所依据的记录已不成立，预警已撤销，不能再处置。")
    if alert.state == "disposed":
        raise AlertAlreadyDisposed("该预警已经处置，处置结果和理由不能改写。")
    after = replace(
        alert,
        state="disposed",
        deliveries=tuple(_seen_by_lead(it, by=by.subject, now=now) for it in alert.deliveries),
        disposals=(*alert.disposals, _disposal(alert, outcome, reason, by=by.subject, now=now)),
        causes=(),
    )
    after = _next(after, now)
    return Change("disposed", alert, after, _to_all(after, "disposed"))


def _raised(
    verdict: Verdict,
    findings: tuple[Finding, ...],
    route: RoutingDecision,
    *,
    now: datetime,
    new_id: str,
) -> Change:
    alert = Alert(
        id=new_id,
        version=1,
        about=verdict.about,
        rule=verdict.rule,
        window=verdict.window,
        level=highest(findings),
        state="raised",
        message=message_of(findings),
        findings=findings,
        lead=route.lead,
        deliveries=_delivered(route, ()),
        raised_at=now,
        updated_at=now,
        causes=verdict.causes[:_CAUSES_KEPT],
    )
    return Change("raised", None, alert, _to_all(alert, "raised"))


def _superseded(existing: Alert, verdict: Verdict, *, now: datetime) -> Change | None:
    if existing.state == "superseded":
        return None
    after = replace(existing, state="superseded", causes=verdict.causes[:_CAUSES_KEPT])
    after = _next(after, now)
    return Change("superseded", existing, after, _to_all(after, "superseded"))


def _judged_again(
    existing: Alert,
    verdict: Verdict,
    findings: tuple[Finding, ...],
    route: RoutingDecision,
    *,
    now: datetime,
) -> Change | None:
    level = highest(findings)
    judged = _is_judged(existing.disposals, findings, level)
    deliveries = _delivered(route, existing.deliveries)
    if not judged and _is_news(existing, level):
        deliveries = tuple(_unseen(delivery) for delivery in deliveries)
    after = replace(
        existing,
        about=verdict.about,
        rule=verdict.rule,
        level=level,
        state="disposed" if judged else _open_state(deliveries),
        message=message_of(findings),
        findings=findings,
        lead=route.lead,
        deliveries=deliveries,
        causes=verdict.causes[:_CAUSES_KEPT],
    )
    if _says_the_same(existing, after):
        return None
    after = _next(after, now)
    kind = _kind_of(existing, after)
    told = () if kind == "updated" else _to_all(after, kind)
    return Change(kind, existing, after, (*told, *_withdrawn(existing, after)))


def _kind_of(
    before: Alert, after: Alert
) -> Literal["reopened", "disposed", "level_changed", "rerouted", "updated"]:
    if _is_open(before) != _is_open(after) or before.state == "superseded":
        return "reopened" if _is_open(after) else "disposed"
    if before.level != after.level:
        return "level_changed"
    return "updated" if _parts(before) == _parts(after) else "rerouted"


def _is_news(before: Alert, level: Level) -> bool:
    """Tell whether departments must look again: the alert was closed, or its level rises."""
    return not _is_open(before) or severity(level) > severity(before.level)


def _is_judged(
    disposals: tuple[Disposal, ...], findings: tuple[Finding, ...], level: Level
) -> bool:
    """Tell whether the latest disposal knew all of this evidence at this level or a graver one."""
    return bool(disposals) and (
        evidence_of(findings) <= disposals[-1].evidence
        and severity(level) <= severity(disposals[-1].level)
    )


def _is_repeat(alert: Alert, outcome: Outcome, reason: str) -> bool:
    return any((it.outcome, it.reason) == (outcome, reason) for it in alert.disposals[-1:])


def _disposal(alert: Alert, outcome: Outcome, reason: str, *, by: str, now: datetime) -> Disposal:
    # What was judged before stays judged, should a part of it come back alone.
    earlier = alert.disposals[-1:]
    return Disposal(
        outcome=outcome,
        reason=reason,
        department=alert.lead,
        disposed_by=by,
        disposed_at=now,
        level=max([alert.level, *(it.level for it in earlier)], key=severity),
        evidence=evidence_of(alert.findings).union(*(it.evidence for it in earlier)),
    )


def _delivered(route: RoutingDecision, known: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """Deliver along a route; a department that keeps its role keeps its acknowledgement."""
    seen = {(it.department, it.role): it for it in known}
    return tuple(
        replace(
            seen.get(
                (planned.department, planned.role),
                Delivery(department=planned.department, role=planned.role, reason=planned.reason),
            ),
            reason=planned.reason,
        )
        for planned in route.deliveries
    )


def _unseen(delivery: Delivery) -> Delivery:
    return replace(delivery, acknowledged_at=None, acknowledged_by=None, note=None)


def _seen_by_lead(delivery: Delivery, *, by: str, now: datetime) -> Delivery:
    if delivery.role != "lead" or delivery.acknowledged_at is not None:
        return delivery
    return replace(delivery, acknowledged_at=now, acknowledged_by=by)


def _open_state(deliveries: Iterable[Delivery]) -> State:
    seen = any(it.role == "lead" and it.acknowledged_at is not None for it in deliveries)
    return "acknowledged" if seen else "raised"


def _is_open(alert: Alert) -> bool:
    return alert.state in ("raised", "acknowledged")


def _parts(alert: Alert) -> tuple[tuple[str, str], ...]:
    return tuple((it.department, it.role) for it in alert.deliveries)


def _says_the_same(before: Alert, after: Alert) -> bool:
    # The name of what an alert is about is not part of its identity, and still worth an update.
    return replace(after, causes=before.causes) == before and after.about.name == before.about.name


def _next(alert: Alert, now: datetime) -> Alert:
    return replace(alert, version=alert.version + 1, updated_at=now)


def _to_all(alert: Alert, change: NoticeKind) -> tuple[Notice, ...]:
    return tuple(Notice(delivery, change) for delivery in alert.deliveries)


def _withdrawn(before: Alert, after: Alert) -> tuple[Notice, ...]:
    remain = {delivery.department for delivery in after.deliveries}
    return tuple(
        Notice(delivery, "withdrawn")
        for delivery in before.deliveries
        if delivery.department not in remain
    )
