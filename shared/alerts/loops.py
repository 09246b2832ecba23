"""The loop of an alert's clocks and digests, as every working service runs it."""

from shared.alerts.clocks import Reckoning
from shared.alerts.digest import DIGEST_TIMER, Digests
from shared.alerts.passing import ClockWatch
from shared.alerts.store import AlertStore
from shared.alerts.waiting import ALERT_TIMER
from shared.contracts.alerts import ALERT_CHANNELS
from shared.kernel import Kernel
from shared.timers import Handler, Timers


def alert_store(kernel: Kernel) -> AlertStore:
    """Return the alerts of a service, counted with its calendar."""
    return AlertStore(
        kernel.db,
        ALERT_CHANNELS[kernel.service],
        committed=kernel.committed,
        reckoning=Reckoning(kernel.calendar),
    )


class AlertTimers:
    """The timers of one service's alerts."""

    def __init__(self, kernel: Kernel) -> None:
        alerts = alert_store(kernel)
        self._digests = Digests(alerts, service=kernel.service, clock=kernel.clock)
        watch = ClockWatch(alerts, kernel.audit, clock=kernel.clock)
        self.handlers: dict[str, Handler] = {
            ALERT_TIMER: watch.on_timer,
            DIGEST_TIMER: self._digests.on_timer,
        }
        self._timers = Timers(
            kernel.db, clock=kernel.clock, calendar=kernel.calendar, handlers=self.handlers
        )

    async def run(self) -> None:
        """Plant the digests, then do what is due until cancelled."""
        await self._digests.plant()
        await self._timers.run()
