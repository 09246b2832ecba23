"""The loop that tells departments: each delivery on its own, none waiting for another's channel."""

import asyncio
from collections import Counter
from collections.abc import Mapping

from shared.cancelling import ended
from shared.logs import log
from shared.mongo import unreachable
from shared.notify.deliveries import Deliveries
from shared.notify.model import Carrier, ChannelName, EndpointGone, Job, Undelivered
from shared.notify.subscriptions import endpoint_of

# All together are bounded by this times the number of departments and channels, so that a channel
# which only times out never takes another's turn.
AT_ONCE_PER_ENDPOINT = 2
_AWAY_SECONDS = 5.0


class Notifier:
    """Sends what is due; several processes may run beside each other."""

    def __init__(
        self,
        deliveries: Deliveries,
        carriers: Mapping[ChannelName, Carrier],
        *,
        poll_seconds: float = 0.5,
    ) -> None:
        self._deliveries = deliveries
        self._carriers = carriers
        self._poll_seconds = poll_seconds
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._free = asyncio.Event()

    async def run(self) -> None:
        """Send until cancelled; what is under way then is sent again by whoever comes next."""
        try:
            while True:
                await self._turn()
        finally:
            await ended(*self._under_way)

    async def _turn(self) -> None:
        self._free.clear()
        try:
            await self._deliveries.expand()
            while (job := await self._deliveries.lease(but_not=self._full())) is not None:
                self._begin(job)
        except Exception as error:
            if not unreachable(error):
                raise
            log.warning("notify.store_unreachable", error=repr(error)[:200])
            await asyncio.sleep(_AWAY_SECONDS)
            return
        try:
            await asyncio.wait_for(self._free.wait(), self._poll_seconds)
        except TimeoutError:
            return

    def _full(self) -> list[str]:
        busy = Counter(self._under_way.values())
        return [endpoint for endpoint, jobs in busy.items() if jobs >= AT_ONCE_PER_ENDPOINT]

    def _begin(self, job: Job) -> None:
        task = asyncio.create_task(self._send(job))
        self._under_way[task] = endpoint_of(job.department, job.channel)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._free.set()

    async def _send(self, job: Job) -> None:
        try:
            await self._note(job, await self._carry(job))
        except Exception as error:  # noqa: BLE001 - the lease runs out and the job is sent again
            log.warning("notify.outcome_not_noted", id=job.id, error=repr(error)[:200])

    async def _carry(self, job: Job) -> Undelivered | None:
        try:
            await self._carriers[job.channel].carry(job)
        except Undelivered as error:
            log.warning(
                "notify.undelivered",
                id=job.id,
                department=job.department,
                channel=job.channel,
                attempts=job.attempts + 1,
                reason=str(error),
            )
            return error
        except Exception as error:  # noqa: BLE001 - one job's surprise is that job's failure
            log.error("notify.carrier_failed", id=job.id, channel=job.channel, exc_info=error)
            return Undelivered(f"内部错误（{type(error).__name__}）")
        return None

    async def _note(self, job: Job, failure: Undelivered | None) -> None:
        if failure is None:
            await self._deliveries.sent(job)
        elif isinstance(failure, EndpointGone):
            await self._deliveries.gone(job, str(failure))
        else:
            await self._deliveries.failed(job, str(failure))
