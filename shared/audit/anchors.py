"""Anchors: each service tells the head of its chain, and keeps the heads of two others in its own.

Whoever rewrites or cuts a chain would have to do the same to two others and to a stream that lets
nobody delete.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from faststream.nats import NatsRouter

from shared.audit.chain import HEAD, HEADS, ROWS
from shared.audit.log import AuditLog, Entry
from shared.clock import Clock, machine_now
from shared.contracts.audit import AUDIT_CHANNELS, AuditHeadSealed
from shared.contracts.base import CloudEvent
from shared.dead_letters import DeadLetters
from shared.messaging.subscribe import subscribe
from shared.messaging.topology import audit_head_consumer, chains_kept_by
from shared.mongo import Database, Session, transact
from shared.outbox import Outgoing, enqueue
from shared.timers import Timer, set_timer

ANCHOR_TIMER: Final = "audit-anchor"
INTERVAL: Final = timedelta(hours=1)
HEAD_RECEIVED: Final = "audit.head_received"
CHAIN: Final = "audit_chain"
_NOTHING_YET: Final = timedelta(minutes=1)


class HeadTeller:
    """Tells a service's head when its timer is due.

    The timer goes by the service clock, which runs as fast as the machine's; what is told carries
    the machine's time. One that fell due while the service was away is told at its start.
    """

    def __init__(self, db: Database, *, service: str, clock: Clock) -> None:
        self._db = db
        self._service = service
        self._clock = clock

    async def begin(self) -> None:
        """Set the first timer of a service that has none."""
        if await self._db["timers"].find_one({"_id": ANCHOR_TIMER}, {"_id": 1}) is None:
            await set_timer(self._db, self._timer(timedelta(0)))

    async def tell(self, _timer: Timer) -> None:
        """Tell the head and set the next timer, both or neither."""
        await transact(self._db, self._tell)

    async def _tell(self, session: Session) -> None:
        head = await self._db[HEADS].find_one({"_id": HEAD}, session=session)
        if head is None or head["sequence"] == 0:
            await set_timer(self._db, self._timer(_NOTHING_YET), session=session)
            return
        await set_timer(self._db, self._timer(INTERVAL), session=session)
        outgoing = self._outgoing(head["sequence"], head["hash"])
        told = {"key": outgoing.key, "version": outgoing.version}
        # A chain that has not grown since has nothing new to tell.
        if await self._db["outbox"].find_one(told, {"_id": 1}, session=session) is None:
            await enqueue(self._db, [outgoing], session=session, now=machine_now())

    def _timer(self, later: timedelta) -> Timer:
        return Timer(name=ANCHOR_TIMER, kind=ANCHOR_TIMER, due_at=self._clock.now() + later)

    def _outgoing(self, sequence: int, head_hash: str) -> Outgoing:
        return Outgoing(
            channel=AUDIT_CHANNELS[self._service],
            key="audit-head",
            version=sequence,
            tokens={"service": self._service},
            subject=self._service,
            data=AuditHeadSealed(
                service=self._service, sequence=sequence, hash=head_hash, read_at=machine_now()
            ),
        )


class HeadKeeper:
    """Writes the heads of others into a service's own chain, each once."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._audit = audit

    async def keep(self, event: CloudEvent[AuditHeadSealed], *, chain: str) -> None:
        """Keep a head of a chain; the same event again changes nothing."""
        if event.data.service != chain:
            raise ValueError("A service tells the head of another's chain.")
        entry = _entry(event)

        async def write(session: Session) -> None:
            known = {"_id": entry.identity}
            if await self._db[ROWS].find_one(known, {"_id": 1}, session=session) is None:
                await self._audit.record(entry, session=session)

        await transact(self._db, write)


def _entry(event: CloudEvent[AuditHeadSealed]) -> Entry:
    head = event.data
    return Entry(
        action=HEAD_RECEIVED,
        about_kind=CHAIN,
        about_id=head.service,
        details={
            "sequence": head.sequence,
            "hash": head.hash,
            "read_at": head.read_at.isoformat(),
        },
        identity=f"{HEAD_RECEIVED}:{event.id}",
    )


def heads_router(
    service: str, keeper: HeadKeeper | None, dead_letters: DeadLetters | None
) -> NatsRouter:
    """Return the subscribers of others' heads; without a keeper they only show in documents."""
    router = NatsRouter()

    def of(chain: str) -> Callable[[CloudEvent[AuditHeadSealed]], Awaitable[None]]:
        async def on_audit_head_sealed(event: CloudEvent[AuditHeadSealed]) -> None:
            """Another service says how far its audit chain reached."""
            assert keeper is not None  # noqa: S101 - a router that runs has its keeper
            await keeper.keep(event, chain=chain)

        return on_audit_head_sealed

    for chain in chains_kept_by(service):
        subscribe(
            router,
            AUDIT_CHANNELS[chain],
            durable=audit_head_consumer(service, chain),
            user=service,
            handle=of(chain),
            dead_letters=dead_letters,
        )
    return router
