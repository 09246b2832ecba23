"""What every service is wired to before it does anything of its own, and what must answer."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from nats.aio.client import Client as BusClient
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from pymongo import IndexModel
from pymongo.errors import PyMongoError

from shared.access.throttle import Rates
from shared.access.tokens import Verifier
from shared.audit.log import AuditLog, DigestKey
from shared.calendar_file import load as load_calendar
from shared.calendar_years import CalendarFollower
from shared.clock import Clock, machine_now
from shared.dead_letters import DeadLetters
from shared.health import Check
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.logs import configure, log
from shared.messaging.apply import verify
from shared.messaging.connect import connect as connect_bus
from shared.messaging.permissions import streams_of
from shared.messaging.topology import consumers_of
from shared.mongo import Database, connect, ensure_indexes
from shared.notify.carriers import Ways
from shared.outbox import Relay
from shared.sealing import Sealer
from shared.settings import ServiceSettings
from shared.telemetry.commands import CommandSpans
from shared.telemetry.exporters import exporters_of, provider_of
from shared.telemetry.figures import kernel_looks, made_at
from shared.telemetry.sight import Sight

_OLDEST_UNSENT = timedelta(seconds=60)
_HANG_UP_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Wires:
    """A service's kernel, and what only a running process has: the bus, and what works on it."""

    kernel: Kernel
    bus: BusClient
    js: JetStreamContext
    relay: Relay
    dead_letters: DeadLetters
    calendar: CalendarFollower


@asynccontextmanager
async def wired(
    settings: ServiceSettings, *, service: str, indexes: Mapping[str, Sequence[IndexModel]]
) -> AsyncIterator[Wires]:
    """Connect, compare the bus with its declaration, create indexes; close it all at the end."""
    configure(service, level=settings.log_level)
    calendar = load_calendar(settings.calendar_file)
    sight = _sight(settings, service)
    client = connect(
        settings.mongo_url,
        username=settings.mongo_username,
        password=settings.mongo_password(),
        database=settings.mongo_database,
        listeners=_listeners(settings, sight),
    )
    bus = await connect_bus(settings.nats_url, user=service, seed_file=settings.nats_seed_file)
    try:
        db = client[settings.mongo_database]
        await ensure_indexes(db, {**KERNEL_INDEXES, **indexes})
        js = bus.jetstream()
        await verify(js, streams=streams_of(service), consumers=consumers_of(service))
        verifier = Verifier(
            jwks=settings.jwks, issuer=settings.token_issuer, audience=settings.token_audience
        )
        await verifier.load()
        relay = Relay(db, js, tracer=sight.tracer)
        sight.looks.update(kernel_looks(sight.registry, db, js, service=service))
        kernel = Kernel(
            service=service,
            db=db,
            verifier=verifier,
            clock=Clock(settings.clock_offset),
            audit=AuditLog(db, DigestKey.from_file(settings.audit_key_file)),
            calendar=calendar,
            sealer=Sealer.from_file(settings.sealing_key_file),
            ways=Ways(addresses=settings.webhook_addresses(), mail=settings.mail_server()),
            trusted_proxies=settings.trusted_proxies,
            committed=relay.wake,
            checks=round_trips(db, js, service=service),
            rates=Rates(
                per_sender=settings.requests_per_second_of_sender,
                per_subject=settings.requests_per_second_of_subject,
            ),
            bounds=settings.bounds(),
            sight=sight,
        )
        following = CalendarFollower(db, calendar)
        await following.look()
        yield Wires(kernel, bus, js, relay, DeadLetters(db), following)
    finally:
        await _hang_up("bus", bus.close())
        await _hang_up("store", client.close())
        if sight.provider is not None:
            # What is not yet sent on goes now; a collector that is away ends it within seconds.
            await asyncio.to_thread(sight.provider.shutdown)


async def _hang_up(server: str, closing: Coroutine[Any, Any, None]) -> None:
    """Close a connection; a server that is away or does not answer keeps nobody from ending."""
    try:
        async with asyncio.timeout(_HANG_UP_SECONDS):
            await closing
    except (NatsError, PyMongoError, OSError, RuntimeError) as error:
        log.warning("wiring.not_closed", server=server, error=repr(error)[:200])


def _listeners(settings: ServiceSettings, sight: Sight) -> list[CommandSpans]:
    if sight.provider is None:
        return []
    return [CommandSpans(sight.tracer, every=settings.traces_commands)]


def _sight(settings: ServiceSettings, service: str) -> Sight:
    exporters = exporters_of(file=settings.traces_file, endpoint=settings.traces_endpoint)
    if not exporters:
        return Sight()
    return Sight(provider=provider_of(service, exporters, ratio=settings.traces_ratio))


def round_trips(db: Database, js: JetStreamContext, *, service: str) -> dict[str, Check]:
    """Return what must succeed for a service to be ready."""

    async def store() -> None:
        now = {"$set": {"at": machine_now()}}
        await db["health"].update_one({"_id": service}, now, upsert=True)

    async def bus() -> None:
        await js.stream_info(streams_of(service)[0].name)

    async def outbox() -> None:
        oldest = await db["outbox"].find_one({"sent_at": None}, {"_id": 1}, sort=[("_id", 1)])
        if oldest is not None and machine_now() - made_at(oldest["_id"]) > _OLDEST_UNSENT:
            raise TimeoutError("最早的待发事件已等待超过一分钟")

    return {"mongo": store, "nats": bus, "outbox": outbox}
