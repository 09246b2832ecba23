"""A change of an alert: its next version, why it came, and who is told what of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from shared.alerts.history import Rectification
from shared.alerts.model import Actor, Alert, Delivery, State
from shared.duties.departments import name_of
from shared.errors import Conflict, Forbidden, Rejected

NoticeKind: TypeAlias = Literal[
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
ChangeKind: TypeAlias = NoticeKind | Literal["acknowledged", "updated"]

# What people and clocks add to an alert is bounded, so that a document is.
MOST_ENTRIES = 100


class AlertSuperseded(Conflict):
    """The record no longer supports the alert, so nothing can be done with it."""

    code: ClassVar[str] = "alert-superseded"
    title: ClassVar[str] = "预警已被撤销"


class AlertAlreadyDisposed(Conflict):
    """The alert was disposed of before: nothing more, and nothing else, can be done with it."""

    code: ClassVar[str] = "alert-already-disposed"
    title: ClassVar[str] = "预警已经处置"


class AlertFull(Rejected):
    """The alert holds as many entries of this kind as it may."""

    code: ClassVar[str] = "alert-full"
    title: ClassVar[str] = "该预警的此类记录已达上限"


class NotTheLead(Forbidden):
    """Only the department that leads an alert orders, re-checks, hands over and ends it."""

    code: ClassVar[str] = "not-the-lead"
    title: ClassVar[str] = "只有牵头部门可以办理预警"


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


def next_version(alert: Alert, now: datetime) -> Alert:
    """Return the alert one version on."""
    return replace(alert, version=alert.version + 1, updated_at=now)


def told_to_all(kind: NoticeKind, before: Alert, after: Alert, *, now: datetime) -> Change:
    """Return a change by a person or a clock that every department is told."""
    after = next_version(replace(after, causes=()), now)
    return Change(kind, before, after, to_all(after, kind))


def told_to_nobody(
    kind: Literal["acknowledged", "updated"], before: Alert, after: Alert, *, now: datetime
) -> Change:
    """Return a change that concerns the department that made it alone."""
    return Change(kind, before, next_version(after, now))


def to_all(alert: Alert, change: NoticeKind, *, besides: str | None = None) -> tuple[Notice, ...]:
    """Tell every department the alert is delivered to, but the one that needs no telling."""
    return tuple(Notice(it, change) for it in alert.deliveries if it.department != besides)


def open_state(deliveries: Iterable[Delivery], rectification: Rectification | None) -> State:
    """Return where an open alert stands by what its lead has done."""
    if not any(it.role == "lead" and it.acknowledged_at is not None for it in deliveries):
        return "raised"
    if rectification is None:
        return "acknowledged"
    return "rectifying" if rectification.recheck is None else "rechecked"


def seen_by_lead(alert: Alert, *, by: Actor, now: datetime) -> tuple[Delivery, ...]:
    """Return the deliveries once the lead has acted, and thereby acknowledged."""
    return tuple(
        replace(it, acknowledged_at=now, acknowledged_by=by.subject)
        if it.role == "lead" and it.acknowledged_at is None
        else it
        for it in alert.deliveries
    )


def require_lead(alert: Alert, by: Actor) -> None:
    """Refuse everybody but the lead, and an administrator in its place."""
    if by.department not in (alert.lead, None):
        raise NotTheLead(f"该预警由{name_of(alert.lead)}牵头，此项须由牵头部门办理。")


def require_standing(alert: Alert) -> None:
    """Refuse to act on an alert that the record no longer supports."""
    if alert.state == "superseded":
        raise AlertSuperseded("该预警所依据的记录已不成立，预警已撤销，无需再办理。")


def require_open(alert: Alert) -> None:
    """Refuse to act on an alert that has ended."""
    require_standing(alert)
    if alert.state == "disposed":
        raise AlertAlreadyDisposed("该预警已经处置，不能再办理，处置结果和理由也不能改写。")


def require_room(entries: tuple[object, ...]) -> None:
    """Refuse one entry more than an alert may hold."""
    if len(entries) >= MOST_ENTRIES:
        raise AlertFull(f"同一预警的此类记录最多{MOST_ENTRIES}条。")
