"""What works on the audit chain in every service: the sealer, the anchors' timer, the keeper."""

import asyncio
from pathlib import Path

from shared.audit.anchors import ANCHOR_TIMER, HeadKeeper, HeadTeller, heads_router
from shared.audit.sealer import ChainSealer
from shared.dead_letters import DeadLetters
from shared.kernel import Kernel
from shared.messaging.subscribe import broker_of
from shared.process import Loop
from shared.timers import Timer, Timers


def audit_loops(
    kernel: Kernel, *, dead_letters: DeadLetters, nats_url: str, seed_file: Path
) -> list[Loop]:
    """Return the loops of a service's audit chain; other processes may run the same beside them."""
    teller = HeadTeller(kernel.db, service=kernel.service, clock=kernel.clock)

    async def tell(timer: Timer) -> None:
        await teller.tell(timer)
        kernel.committed()

    async def anchoring() -> None:
        await teller.begin()
        await Timers(
            kernel.db,
            clock=kernel.clock,
            calendar=kernel.calendar,
            handlers={ANCHOR_TIMER: tell},
        ).run()

    async def keeping() -> None:
        keeper = HeadKeeper(kernel.db, kernel.audit)
        router = heads_router(kernel.service, keeper, dead_letters)
        broker = broker_of([router], url=nats_url, user=kernel.service, seed_file=seed_file)
        async with broker:
            await broker.start()
            await asyncio.Event().wait()

    return [ChainSealer(kernel.db, service=kernel.service).run, anchoring, keeping]
