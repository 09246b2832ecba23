"""What a verdict makes of an alert, as pure functions.

Where an alert stands follows from the verdict and from what people did, never from the order in
which verdicts came: no findings, superseded; findings that a disposal has judged, disposed; any
other, open, and as far as its lead has brought it. Only what people did has a history: a rise of
the level and a return of the breach void acknowledgements, snoozes and the rectification that ran,
and begin the clocks anew.
"""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from shared.alerts.changes import Change, Notice, next_version, open_state, to_all
from shared.alerts.model import (
    Alert,
    Delivery,
    Disposal,
    Finding,
    Level,
    Verdict,
    canonical,
    evidence_of,
    highest,
    message_of,
    severity,
)
from shared.alerts.parties import delivered, lead_of
from shared.duties.routing import RoutingDecision

# An alert tells the first causes of a change; its findings hold all events.
_CAUSES_KEPT = 20


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
        route=route,
        lead=route.lead,
        deliveries=delivered(route, (), (), ()),
        raised_at=now,
        updated_at=now,
        opened_at=now,
        led_since=now,
        told_at=now if _tells(verdict) else None,
        causes=verdict.causes[:_CAUSES_KEPT],
    )
    return Change("raised", None, alert, to_all(alert, "raised"))


def _superseded(existing: Alert, verdict: Verdict, *, now: datetime) -> Change | None:
    if existing.state == "superseded":
        return None
    after = replace(existing, state="superseded", causes=verdict.causes[:_CAUSES_KEPT])
    after = next_version(after, now)
    return Change("superseded", existing, after, to_all(after, "superseded"))


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
    news = not judged and _is_news(existing, level)
    known = _reopened(existing, now=now) if news else existing
    lead = lead_of(route, known.transfers)
    deliveries = delivered(route, known.transfers, known.escalations, known.deliveries)
    after = replace(
        known,
        about=verdict.about,
        rule=verdict.rule,
        level=level,
        state="disposed" if judged else open_state(deliveries, known.rectification),
        message=message_of(findings),
        findings=findings,
        route=route,
        lead=lead,
        deliveries=deliveries,
        led_since=known.led_since if lead == existing.lead else now,
        told_at=(known.told_at or now) if _tells(verdict) else None,
        causes=verdict.causes[:_CAUSES_KEPT],
    )
    if _says_the_same(existing, after):
        return None
    after = next_version(after, now)
    kind = _kind_of(existing, after)
    told = () if kind == "updated" else to_all(after, kind)
    return Change(kind, existing, after, (*told, *_withdrawn(existing, after)))


def _reopened(alert: Alert, *, now: datetime) -> Alert:
    """Return the alert with what people did before the news turned into history."""
    ended = () if alert.rectification is None else (alert.rectification,)
    return replace(
        alert,
        deliveries=tuple(_unseen(delivery) for delivery in alert.deliveries),
        rectification=None,
        past_rectifications=(*alert.past_rectifications, *ended),
        opened_at=now,
        led_since=now,
        told_at=None if alert.told_at is None else now,
    )


def _tells(verdict: Verdict) -> bool:
    # Of an account nobody can say for sure whose it is.
    return verdict.rule.tells_institution and verdict.about.kind == "institution"


def _kind_of(
    before: Alert, after: Alert
) -> Literal["reopened", "disposed", "level_changed", "rerouted", "updated"]:
    if before.is_open != after.is_open or before.state == "superseded":
        return "reopened" if after.is_open else "disposed"
    if before.level != after.level:
        return "level_changed"
    return "updated" if _parts(before) == _parts(after) else "rerouted"


def _is_news(before: Alert, level: Level) -> bool:
    """Tell whether departments must look again: the alert was closed, or its level rises."""
    return not before.is_open or severity(level) > severity(before.level)


def _is_judged(
    disposals: tuple[Disposal, ...], findings: tuple[Finding, ...], level: Level
) -> bool:
    """Tell whether the latest disposal knew all of this evidence at this level or a graver one."""
    return bool(disposals) and (
        evidence_of(findings) <= disposals[-1].evidence
        and severity(level) <= severity(disposals[-1].level)
    )


def _unseen(delivery: Delivery) -> Delivery:
    return replace(
        delivery,
        acknowledged_at=None,
        acknowledged_by=None,
        note=None,
        snoozed_until=None,
        snooze_reason=None,
    )


def _parts(alert: Alert) -> tuple[tuple[str, str], ...]:
    return tuple((it.department, it.role) for it in alert.deliveries)


def _says_the_same(before: Alert, after: Alert) -> bool:
    # The name of what an alert is about is not part of its identity, and still worth an update.
    return replace(after, causes=before.causes) == before and after.about.name == before.about.name


def _withdrawn(before: Alert, after: Alert) -> tuple[Notice, ...]:
    remain = {delivery.department for delivery in after.deliveries}
    return tuple(
        Notice(delivery, "withdrawn")
        for delivery in before.deliveries
        if delivery.department not in remain
    )
