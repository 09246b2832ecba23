"""Small batches of several durables, handled as one: each handling has its fixed price."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from shared.messaging.intake import FETCH_MESSAGES, Delivery, Handler
from shared.mongo import unreachable

# What one handling may hold of small batches.
MOST_TOGETHER: Final = 256
_AT_ONCE: Final = timedelta(0)

_Waiting = tuple[Sequence[Delivery], asyncio.Future[None]]


class Together:
    """Hands what several loops have at once to one handler, a full batch for itself.

    What is small waits a ``moment`` for what was read at the same time, and while other small
    batches are handled, and goes with all that waits then: the more comes, the more goes together.
    What fails together is handled once more batch by batch, so that nobody answers for another's
    content, unless the store is away for all of them.
    """

    def __init__(self, handler: Handler, *, at_once: int, moment: timedelta = _AT_ONCE) -> None:
        self._handler = handler
        self._moment: Final = moment.total_seconds()
        self._full: Final = asyncio.Semaphore(at_once)
        self._small: Final = asyncio.Lock()
        self._waiting: list[_Waiting] = []

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Handle some deliveries, alone or with others'; raises what their handling raises."""
        if len(deliveries) >= FETCH_MESSAGES:
            async with self._full:
                await self._handler(deliveries)
            return
        mine: _Waiting = (deliveries, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        try:
            async with self._small:
                await asyncio.sleep(self._moment)
                if mine in self._waiting:
                    await self._handle(self._taken())
            await mine[1]
        finally:
            if mine in self._waiting:
                self._waiting.remove(mine)

    async def _handle(self, some: Sequence[_Waiting]) -> None:
        try:
            error = await self._tried([one for deliveries, _ in some for one in deliveries])
            apart = error is not None and len(some) > 1 and not unreachable(error)
            for deliveries, done in some:
                _tell(done, await self._tried(deliveries) if apart else error)
        except asyncio.CancelledError:
            # The process ends. What others had in hand is delivered again, as after any end.
            for _, done in some:
                done.cancel()
            raise

    async def _tried(self, deliveries: Sequence[Delivery]) -> Exception | None:
        try:
            async with self._full:
                await self._handler(deliveries)
        except Exception as failed:  # noqa: BLE001 - told to the loop, which sorts it
            return failed
        return None

    def _taken(self) -> list[_Waiting]:
        """Take those who wait longest, as many as go together; at least one."""
        messages, some = 0, 0
        for deliveries, _ in self._waiting:
            if some and messages + len(deliveries) > MOST_TOGETHER:
                break
            messages, some = messages + len(deliveries), some + 1
        taken, self._waiting = self._waiting[:some], self._waiting[some:]
        return taken


def _tell(done: asyncio.Future[None], error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
