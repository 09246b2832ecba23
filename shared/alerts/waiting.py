"""The one timer of an alert: moved in the transaction that changes it, to its next clock."""

from collections.abc import Iterable
from typing import Final

from shared.alerts.changes import Change
from shared.alerts.clocks import Reckoning, next_due
from shared.alerts.model import Alert
from shared.timers import Period, Timer

ALERT_TIMER: Final = "alert"


def timer_name(alert: Alert) -> str:
    """Return the name of an alert's timer."""
    return f"alert:{alert.id}"


def timer_of(alert: Alert, reckoning: Reckoning) -> Timer | None:
    """Return the timer that waits for an alert's next clock, if any runs."""
    due = next_due(alert, reckoning)
    if due is None:
        return None
    return Timer(
        name=timer_name(alert),
        kind=ALERT_TIMER,
        due_at=due.at,
        payload={"alert_id": alert.id},
        provisional=due.provisional,
        period=Period(due.started_on, due.days),
    )


def moved(changes: Iterable[Change], reckoning: Reckoning) -> tuple[list[Timer], list[str]]:
    """Return the timers that some changes move, and the names of those they end."""
    timers: list[Timer] = []
    ended: list[str] = []
    for change in changes:
        before = None if change.before is None else timer_of(change.before, reckoning)
        after = timer_of(change.after, reckoning)
        if after == before:
            continue
        if after is None:
            ended.append(timer_name(change.after))
        else:
            timers.append(after)
    return timers, ended
