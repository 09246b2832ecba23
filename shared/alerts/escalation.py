"""What a clock that passes makes of an alert: a mark, and a step up by annex 2 of the plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shared.alerts.changes import Change, Notice, next_version
from shared.alerts.clocks import (
    LAST_STEP,
    Reckoning,
    Running,
    escalation_period,
    mark_of,
    running,
)
from shared.alerts.history import CLOCKS, Escalation, Lateness
from shared.alerts.model import Alert
from shared.alerts.parties import delivered
from shared.duties.departments import name_of
from shared.duties.explaining import escalation


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the escalation: the body that leads a group of annex 2, and its ground."""

    step: int
    department: str
    ground: str


LADDER: Final = tuple(
    Rung(number, step.department, step.reason.rstrip("。"))
    for number, step in enumerate(escalation(late=()), start=1)
)


@dataclass(frozen=True, slots=True)
class _Passed:
    """A clock that has passed: its mark, and the step it is carried up now."""

    late: Lateness
    escalation: Escalation


def pass_clocks(alert: Alert, *, now: datetime, reckoning: Reckoning) -> Change | None:
    """Mark what has passed by now and carry it up; ``None`` when nothing has, or it is done."""
    passed = [
        found
        for clock in running(alert, reckoning)
        if (found := _pass(alert, clock, now=now, reckoning=reckoning)) is not None
    ]
    if not passed:
        return None
    escalations = (*alert.escalations, *(it.escalation for it in passed))
    after = replace(
        alert,
        lateness=_marked(alert.lateness, [it.late for it in passed]),
        escalations=escalations,
        deliveries=delivered(alert.route, alert.transfers, escalations, alert.deliveries),
        causes=(),
    )
    after = next_version(after, now)
    kind: Final = "overdue" if len(after.lateness) > len(alert.lateness) else "escalated"
    carried_to = {it.escalation.to_department for it in passed}
    notices = tuple(
        Notice(it, "escalated" if it.department in carried_to else kind) for it in after.deliveries
    )
    return Change(kind, alert, after, notices)


def rung_after(step: int, *, lead: str) -> Rung | None:
    """Return the next step up that is not the late lead itself."""
    return next((it for it in LADDER if it.step > step and it.department != lead), None)


def _pass(alert: Alert, clock: Running, *, now: datetime, reckoning: Reckoning) -> _Passed | None:
    late = mark_of(alert, clock)
    if late is not None and late.step >= LAST_STEP:
        return None
    period = clock if late is None else escalation_period(late, reckoning)
    deadline = reckoning.deadline_of(period)
    if deadline.provisional or now < deadline.at:
        return None
    if late is None:
        late = Lateness(
            clock=clock.clock,
            started_on=clock.started_on,
            days=clock.days,
            due_at=deadline.at,
            marked_at=now,
            lead=alert.lead,
            step=0,
        )
    carried = _carried_up(late, lead=alert.lead, now=now)
    return _Passed(replace(late, step=carried.step), carried)


def _carried_up(late: Lateness, *, lead: str, now: datetime) -> Escalation:
    rung = rung_after(late.step, lead=lead)
    why = f"牵头部门{name_of(lead)}未按期{CLOCKS[late.clock]}"
    return Escalation(
        clock=late.clock,
        step=LAST_STEP if rung is None else rung.step,
        to_department=None if rung is None else rung.department,
        reason=f"{why}，而上级督办单位即该部门，已无可上报的单位。"
        if rung is None
        else f"{rung.ground}；{why}。",
        escalated_at=now,
    )


def _marked(known: Sequence[Lateness], passed: Sequence[Lateness]) -> tuple[Lateness, ...]:
    """Replace the marks that were carried up, and add the new ones."""
    changed = {_period(it): it for it in passed}
    kept = [changed.pop(_period(it), it) if it.stopped_at is None else it for it in known]
    return (*kept, *changed.values())


def _period(late: Lateness) -> tuple[object, ...]:
    return late.clock, late.started_on, late.days
