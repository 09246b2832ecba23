"""The lead hands an alert to another department, for good: the route does not take it back."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from shared.alerts.changes import (
    Change,
    open_state,
    require_lead,
    require_open,
    require_room,
    told_to_all,
)
from shared.alerts.history import Transfer
from shared.alerts.model import Actor, Alert
from shared.alerts.parties import delivered
from shared.duties.departments import is_known, name_of
from shared.errors import Rejected


class TransferRefused(Rejected):
    """An alert goes to another body of the city."""

    code: ClassVar[str] = "transfer-refused"
    title: ClassVar[str] = "不能移交给该部门"


def transfer(alert: Alert, to: str, *, reason: str, by: Actor, now: datetime) -> Change | None:
    """Hand the alert over; the new lead must acknowledge. ``None`` for the same again."""
    if _is_repeat(alert, to, reason, by):
        return None
    require_lead(alert, by)
    require_open(alert)
    if not is_known(to):
        raise TransferRefused("没有这个部门代码。")
    if to == alert.lead:
        raise TransferRefused(f"{name_of(to)}已经是牵头部门。")
    require_room(alert.transfers)
    transfers = (
        *alert.transfers,
        Transfer(
            from_department=alert.lead,
            to_department=to,
            reason=reason,
            transferred_by=by.subject,
            transferred_at=now,
        ),
    )
    # What the old lead has seen it has seen; the new one has not seen it as its own matter.
    known = tuple(
        replace(it, role="assist") if it.role == "lead" else it
        for it in alert.deliveries
        if it.department != to
    )
    deliveries = delivered(alert.route, transfers, alert.escalations, known)
    after = replace(
        alert,
        lead=to,
        transfers=transfers,
        deliveries=deliveries,
        led_since=now,
        state=open_state(deliveries, alert.rectification),
    )
    return told_to_all("rerouted", alert, after, now=now)


def _is_repeat(alert: Alert, to: str, reason: str, by: Actor) -> bool:
    return any(
        (it.to_department, it.reason) == (to, reason)
        and by.department in (it.from_department, None)
        for it in alert.transfers[-1:]
    )
