"""What falls due of alerts in every working service: their clocks, and the digests."""

from shared.alerts.clocks import Reckoning
from shared.alerts.digest import DIGEST_TIMER, Digests
from shared.alerts.passing import ClockWatch
from shared.alerts.store import AlertStore
from shared.alerts.waiting import ALERT_TIMER
from shared.contracts.alerts import ALERT_CHANNELS
from shared.kernel import Kernel
from shared.timers import Handler


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

    async def begin(self) -> None:
        """Plant the digests."""
        await self._digests.plant()
