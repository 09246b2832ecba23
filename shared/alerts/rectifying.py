"""The lead has something put right until a day, and looks whether it was."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from shared.alerts.changes import (
    Change,
    open_state,
    require_lead,
    require_open,
    require_room,
    seen_by_lead,
    told_to_all,
)
from shared.alerts.clocks import Reckoning
from shared.alerts.history import Recheck, Rectification
from shared.alerts.model import Actor, Alert
from shared.city_time import city_date
from shared.errors import Conflict, Rejected


class RectificationDateRefused(Rejected):
    """A rectification ends on a day to come, and not in years."""

    code: ClassVar[str] = "rectification-date-refused"
    title: ClassVar[str] = "整改期限不可接受"


class NotRectifying(Conflict):
    """There is nothing to check again."""

    code: ClassVar[str] = "not-rectifying"
    title: ClassVar[str] = "预警不在整改中"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What must be put right, and until which day."""

    requirement: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a re-check found; one that fails sets a new day."""

    passed: bool
    note: str
    until: date | None = None


def rectify(
    alert: Alert, order: Order, *, by: Actor, now: datetime, reckoning: Reckoning
) -> Change | None:
    """Order a rectification, or another one in its place; ``None`` for the same again."""
    require_lead(alert, by)
    require_open(alert)
    if alert.state == "rectifying" and _orders(alert.rectification, order):
        return None
    _require_soon(order.until, now=now, reckoning=reckoning)
    before = () if alert.rectification is None else (alert.rectification,)
    return told_to_all("rectifying", alert, _ordered(alert, order, before, by, now), now=now)


def recheck(
    alert: Alert, check: Check, *, by: Actor, now: datetime, reckoning: Reckoning
) -> Change | None:
    """Record a re-check: passed, or rectifying goes on until a new day; ``None`` for a repeat."""
    require_lead(alert, by)
    require_open(alert)
    if _is_repeat(alert, check):
        return None
    current = alert.rectification
    if alert.state != "rectifying" or current is None:
        raise NotRectifying("该预警没有正在进行的整改，无可复查。")
    found = Recheck(passed=check.passed, note=check.note, checked_by=by.subject, checked_at=now)
    checked = replace(current, recheck=found)
    if check.passed:
        after = replace(alert, rectification=checked, state="rechecked")
        return told_to_all("rechecked", alert, after, now=now)
    if check.until is None:
        raise RectificationDateRefused("复查未通过时，须给出新的整改期限。")
    _require_soon(check.until, now=now, reckoning=reckoning)
    again = Order(requirement=current.requirement, until=check.until)
    return told_to_all("rectifying", alert, _ordered(alert, again, (checked,), by, now), now=now)


def _ordered(
    alert: Alert, order: Order, before: tuple[Rectification, ...], by: Actor, now: datetime
) -> Alert:
    require_room(alert.past_rectifications)
    deliveries = seen_by_lead(alert, by=by, now=now)
    rectification = Rectification(
        requirement=order.requirement,
        until=order.until,
        department=alert.lead,
        ordered_by=by.subject,
        ordered_at=now,
    )
    return replace(
        alert,
        deliveries=deliveries,
        rectification=rectification,
        past_rectifications=(*alert.past_rectifications, *before),
        state=open_state(deliveries, rectification),
    )


def _require_soon(until: date, *, now: datetime, reckoning: Reckoning) -> None:
    today = city_date(now)
    most = reckoning.limits(today).rectify_calendar_days
    if not 0 < (until - today).days <= most:
        raise RectificationDateRefused(f"整改期限须在今天之后、{most}天之内。")


def _orders(rectification: Rectification | None, order: Order) -> bool:
    return rectification is not None and (
        (rectification.requirement, rectification.until) == (order.requirement, order.until)
    )


def _is_repeat(alert: Alert, check: Check) -> bool:
    current = alert.rectification
    if current is None:
        return False
    if check.passed:
        return _says(current, check)
    # The failed one lies in the past; the one that runs is its consequence.
    return (
        current.recheck is None
        and current.until == check.until
        and any(_says(it, check) for it in alert.past_rectifications[-1:])
    )


def _says(rectification: Rectification, check: Check) -> bool:
    found = rectification.recheck
    return found is not None and (found.passed, found.note) == (check.passed, check.note)
