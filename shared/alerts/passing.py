"""The job of an alert's timer: what its clocks make of it, once however often the job runs."""

from shared.alerts.changes import Change
from shared.alerts.escalation import pass_clocks
from shared.alerts.store import AlertStore, milliseconds
from shared.alerts.waiting import timer_of
from shared.audit.log import AuditLog, Entry
from shared.clock import Clock
from shared.mongo import Session, transact
from shared.timers import Timer, is_set, set_timer


class ClockWatch:
    """Marks alerts whose clocks have passed, and carries them up."""

    def __init__(self, alerts: AlertStore, audit: AuditLog, *, clock: Clock) -> None:
        self._alerts = alerts
        self._audit = audit
        self._clock = clock

    async def on_timer(self, timer: Timer) -> None:
        """Do what is due for one alert; a repeat finds the timer moved and does nothing."""
        await transact(self._alerts.db, lambda session: self._pass(session, timer))
        self._alerts.committed()

    async def _pass(self, session: Session, timer: Timer) -> None:
        if not await is_set(self._alerts.db, timer, session=session):
            return
        now = milliseconds(self._clock.now())
        alert = await self._alerts.get(timer.payload["alert_id"], session=session)
        change = pass_clocks(alert, now=now, reckoning=self._alerts.reckoning)
        if change is not None:
            [change] = await self._alerts.write(session, [change], now=now)
            await self._audit.record(*_entries(change), session=session)
            alert = change.after
        # Without a change the numbers or the calendar are others than when it was set.
        waits = timer_of(alert, self._alerts.reckoning)
        if waits is not None:
            await set_timer(self._alerts.db, waits, session=session)


def _entries(change: Change) -> list[Entry]:
    known = 0 if change.before is None else len(change.before.escalations)
    return [
        Entry(
            action="alert.escalate",
            about_kind="alert",
            about_id=change.after.id,
            details={
                "clock": it.clock,
                "step": it.step,
                "to": it.to_department,
                "late": change.after.lead,
                "version": change.after.version,
            },
        )
        for it in change.after.escalations[known:]
    ]
