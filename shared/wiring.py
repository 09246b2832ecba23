"""What every service is wired to before it does anything of its own, and what must answer."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar
from uuid import UUID

from fastapi import FastAPI
from nats.aio.client import Client as BusClient
from nats.js import JetStreamContext
from pydantic import ValidationError
from pymongo import IndexModel
from pymongo.errors import PyMongoError

from shared.access import Verifier
from shared.audit.log import AuditLog, DigestKey
from shared.audit.loops import audit_loops
from shared.clock import Clock, machine_now
from shared.dead_letters import DeadLetters
from shared.health import Check, report_ready
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.logs import configure, log
from shared.messaging.apply import TopologyDrift, verify
from shared.messaging.connect import connect as connect_bus
from shared.messaging.permissions import streams_of
from shared.messaging.topology import consumers_of
from shared.mongo import Database, connect, ensure_indexes
from shared.notify.carriers import Ways, carriers_of
from shared.notify.deliveries import Deliveries
from shared.notify.notifier import Notifier
from shared.outbox import Relay
from shared.process import Loop, run
from shared.replay.replayer import Replayer
from shared.sealing import Sealer
from shared.settings import ServiceSettings, unknown_keys
from shared.working_days import CalendarUnreadable
from shared.working_days import load as load_calendar

Role = Literal["serve", "work", "both"]
S = TypeVar("S", bound=ServiceSettings)

_ROLES: tuple[Role, ...] = ("serve", "work", "both")
_OLDEST_UNSENT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Wires:
    """A service's kernel, and what only a running process has: the bus, and what works on it."""

    kernel: Kernel
    bus: BusClient
    js: JetStreamContext
    relay: Relay
    dead_letters: DeadLetters


@asynccontextmanager
async def wired(
    settings: ServiceSettings, *, service: str, indexes: Mapping[str, Sequence[IndexModel]]
) -> AsyncIterator[Wires]:
    """Connect, compare the bus with its declaration, create indexes; close it all at the end."""
    configure(service, level=settings.log_level)
    calendar = load_calendar(settings.calendar_file)
    client = connect(
        settings.mongo_url,
        username=settings.mongo_username,
        password=settings.mongo_password(),
        database=settings.mongo_database,
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
        relay = Relay(db, js)
        kernel = Kernel(
            service=service,
            db=db,
            verifier=verifier,
            clock=Clock(settings.clock_offset),
            audit=AuditLog(db, DigestKey.from_file(settings.audit_key_file)),
            calendar=calendar,
            sealer=Sealer.from_file(settings.sealing_key_file),
            ways=Ways(addresses=settings.webhook_addresses(), mail=settings.mail_server()),
            committed=relay.wake,
            checks=round_trips(db, js, service=service),
        )
        yield Wires(kernel, bus, js, relay, DeadLetters(db))
    finally:
        await bus.close()
        await client.close()


def round_trips(db: Database, js: JetStreamContext, *, service: str) -> dict[str, Check]:
    """Return what must succeed for a service to be ready."""

    async def store() -> None:
        now = {"$set": {"at": machine_now()}}
        await db["health"].update_one({"_id": service}, now, upsert=True)

    async def bus() -> None:
        await js.stream_info(streams_of(service)[0].name)

    async def outbox() -> None:
        oldest = await db["outbox"].find_one({"sent_at": None}, {"_id": 1}, sort=[("_id", 1)])
        if oldest is not None and machine_now() - _made_at(oldest["_id"]) > _OLDEST_UNSENT:
            raise TimeoutError("最早的待发事件已等待超过一分钟")

    return {"mongo": store, "nats": bus, "outbox": outbox}


async def run_wired(
    wires: Wires, settings: ServiceSettings, role: Role, *, app: FastAPI, loops: Sequence[Loop]
) -> None:
    """Run the HTTP side, the kernel's loops with a service's own, or both."""
    working = [] if role == "serve" else [*kernel_loops(wires, settings), *loops]
    await run(
        [*working, *ready_loop(settings, wires.kernel.checks)],
        app=None if role == "work" else app,
        host=settings.host,
        port=settings.port,
    )


def kernel_loops(wires: Wires, settings: ServiceSettings) -> list[Loop]:
    """Return what works in every service: relay, audit chain, notifications and replays."""
    kernel = wires.kernel
    auditing = audit_loops(
        kernel,
        dead_letters=wires.dead_letters,
        nats_url=settings.nats_url,
        seed_file=settings.nats_seed_file,
    )
    carriers = carriers_of(kernel.ways, service=kernel.service, sealer=kernel.sealer)
    return [
        wires.relay.run,
        *auditing,
        Notifier(Deliveries(kernel.db), carriers).run,
        Replayer(kernel.db, wires.dead_letters).run,
    ]


def ready_loop(settings: ServiceSettings, checks: dict[str, Check]) -> list[Loop]:
    """Return the loop that shows readiness in a file, where one is asked for."""
    path = settings.ready_file
    return [] if path is None else [lambda: report_ready(path, checks)]


def start(service: str, kind: type[S], main: Callable[[S, Role], Awaitable[None]]) -> None:
    """Read the command line and the environment and run; what stands in the way is one line."""
    role = next((r for r in _ROLES if r == (sys.argv[1:] or ["both"])[0]), None)
    if role is None:
        sys.exit(f"{service}：只能以 {'、'.join(_ROLES)} 方式启动")
    if misspelt := unknown_keys(kind):
        sys.exit(f"{service}：环境变量中有不认识的设置：{'、'.join(misspelt)}")
    try:
        settings = kind()
    except ValidationError as error:
        names = "、".join(".".join(map(str, one["loc"])) or one["msg"] for one in error.errors())
        sys.exit(f"{service}：环境变量缺少或有误：{names}")
    try:
        asyncio.run(_run(main, settings, role))
    except (TopologyDrift, CalendarUnreadable) as wrong:
        sys.exit(f"{service}：{wrong}")
    except (PyMongoError, OSError, TimeoutError) as error:
        log.error("service.cannot_start", error=repr(error)[:300])
        sys.exit(f"{service}：启动时无法连接数据库或消息总线：{type(error).__name__}")


async def _run(main: Callable[[S, Role], Awaitable[None]], settings: S, role: Role) -> None:
    await main(settings, role)


def _made_at(identifier: str) -> datetime:
    """Return when a UUIDv7 was made: its first 48 bits are milliseconds."""
    return datetime.fromtimestamp((UUID(identifier).int >> 80) / 1000, UTC)
