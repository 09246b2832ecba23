"""What departments are told outside their inboxes: reds at once, and clocks that passed."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from shared.alerts.changes import Change
from shared.alerts.history import CLOCKS
from shared.alerts.model import Alert
from shared.city_time import CITY_TIME
from shared.duties.departments import name_of
from shared.notify.jobs import Kind, Notification


def reminders(changes: Iterable[Change], *, service: str, now: datetime) -> list[Notification]:
    """Return the notifications of some changes."""
    return [one for change in changes for one in _of_one(change, service=service, now=now)]


def _of_one(change: Change, *, service: str, now: datetime) -> Iterator[Notification]:
    alert = change.after
    if _turns_red(change):
        text = f"{alert.about.name}：{alert.message}（{alert.rule.article}）"
        for delivery in alert.deliveries:
            yield _notification(
                alert,
                delivery.department,
                "red_alert",
                f"红色预警：{alert.rule.title}",
                text,
                service,
            )
    if change.kind not in ("overdue", "escalated"):
        return
    text = f"{alert.about.name}：{alert.message}。{_late(alert)}"
    for department in _concerned(change):
        receives = alert.delivery_to(department)
        if receives is not None and not receives.is_snoozed(now):
            yield _notification(
                alert, department, "overdue", f"预警逾期：{alert.rule.title}", text, service
            )


def _turns_red(change: Change) -> bool:
    before, after = change.before, change.after
    if not after.is_open or after.level != "red":
        return False
    return before is None or not before.is_open or before.level != "red"


def _concerned(change: Change) -> list[str]:
    """Name the late lead, and every body it was carried up to just now."""
    known = 0 if change.before is None else len(change.before.escalations)
    reached = (it.to_department for it in change.after.escalations[known:])
    return list(dict.fromkeys([change.after.lead, *(it for it in reached if it is not None)]))


def _late(alert: Alert) -> str:
    steps = "、".join(
        f"{CLOCKS[it.clock]}（期限{it.due_at.astimezone(CITY_TIME):%Y-%m-%d %H:%M}）"
        for it in alert.overdue
    )
    return f"牵头部门{name_of(alert.lead)}逾期未{steps}。"


def _notification(
    alert: Alert, department: str, kind: Kind, title: str, text: str, service: str
) -> Notification:
    return Notification(
        department=department,
        kind=kind,
        title=title,
        text=text,
        data={
            "alert_id": alert.id,
            "service": service,
            "level": alert.level,
            "version": alert.version,
        },
    )
