"""The bank's events in: one loop per partition hands batches to posting, small ones together."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from nats.js import JetStreamContext

from services.fund_monitor.app.ledger.post_batch import post_batch, post_one_by_one, readable
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.store.ledger.postings import PostingStore
from shared.dead_letters import DeadLetters
from shared.messaging.intake import Delivery, IntakeLoop
from shared.messaging.permissions import inbox_prefix
from shared.messaging.together import Together
from shared.messaging.topology import BANK_INTAKE, PARTITIONS, intake_consumer
from shared.mongo import unreachable
from shared.telemetry.sight import Sight

SERVICE = "fund_monitor"
# More would share the same processor, and each live so long that mongod ends it.
TRANSACTIONS_AT_ONCE = 3
# All partitions are read at the same time, and answer within some milliseconds of each other.
_MOMENT = timedelta(milliseconds=20)


def intake_loops(
    js: JetStreamContext,
    *,
    postings: PostingStore,
    dead_letters: DeadLetters,
    seen: FundSight | None = None,
    owns: Callable[[int], bool] = lambda _partition: True,
) -> list[IntakeLoop]:
    """Return the loops of all partitions; other processes may run the same beside them.

    A loop reads while this process ``owns`` its partition.
    """
    sight = seen or FundSight(Sight())

    async def handle(deliveries: Sequence[Delivery]) -> None:
        with sight.posting([delivery.trace for delivery in deliveries]) as traces:
            sight.posted(await post([delivery.body for delivery in deliveries], traces))

    async def post(bodies: Sequence[bytes], traces: Sequence[str | None]) -> int:
        try:
            return await post_batch(bodies, postings=postings, traces=traces)
        except Exception as error:
            # A message alone that cannot be posted whole is posted event by event. One that is no
            # batch at all goes on to the dead letters.
            if unreachable(error) or len(bodies) > 1 or not readable(bodies[0]):
                raise
            return await post_one_by_one(bodies[0], postings=postings, trace=traces[0])

    together = Together(handle, at_once=TRANSACTIONS_AT_ONCE, moment=_MOMENT)
    return [
        IntakeLoop(
            js,
            stream=BANK_INTAKE.name,
            durable=intake_consumer(partition),
            inbox_prefix=(inbox_prefix(SERVICE) + ".").encode(),
            handle=together.handle,
            dead_letters=dead_letters,
            owns=partial(owns, partition),
        )
        for partition in range(PARTITIONS)
    ]


async def intake_waiting(js: JetStreamContext) -> int:
    """Count the messages that are stored and not yet posted."""
    waiting = 0
    for partition in range(PARTITIONS):
        info = await js.consumer_info(BANK_INTAKE.name, intake_consumer(partition))
        waiting += (info.num_pending or 0) + (info.num_ack_pending or 0)
    return waiting
