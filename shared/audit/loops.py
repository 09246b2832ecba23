"""What works on the audit chain in every service: the sealer, the anchors' timer, the keeper."""

from pathlib import Path

from shared.audit.anchors import ANCHOR_TIMER, HeadKeeper, HeadTeller, heads_router
from shared.audit.sealer import ChainSealer
from shared.dead_letters import DeadLetters
from shared.kernel import Kernel
from shared.messaging.subscribe import hear
from shared.process import Loop
from shared.timers import Handler, Timer


class AnchorTimers:
    """The timer by which a service tells the head of its chain."""

    def __init__(self, kernel: Kernel) -> None:
        self._teller = HeadTeller(kernel.db, service=kernel.service, clock=kernel.clock)
        self._committed = kernel.committed
        self.handlers: dict[str, Handler] = {ANCHOR_TIMER: self._tell}

    async def begin(self) -> None:
        """Set the first timer of a service that has none."""
        await self._teller.begin()

    async def _tell(self, timer: Timer) -> None:
        await self._teller.tell(timer)
        self._committed()


def audit_loops(
    kernel: Kernel, *, dead_letters: DeadLetters, nats_url: str, seed_file: Path
) -> list[Loop]:
    """Return the loops of a service's audit chain; other processes may run the same beside them."""

    async def keeping() -> None:
        keeper = HeadKeeper(kernel.db, kernel.audit)
        router = heads_router(kernel.service, keeper, dead_letters)
        await hear([router], url=nats_url, user=kernel.service, seed_file=seed_file)

    return [ChainSealer(kernel.db, service=kernel.service).run, keeping]
