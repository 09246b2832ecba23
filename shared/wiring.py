"""What every service is wired to before it does anything of its own, and what must answer."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, TypeVar

import uvloop
from fastapi import FastAPI
from nats.aio.client import Client as BusClient
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from pydantic import ValidationError
from pymongo import IndexModel
from pymongo.errors import PyMongoError

from shared.access.enforcement import RouteWithoutRow, check_rows
from shared.access.throttle import Rates
from shared.access.tokens import Verifier
from shared.alerts.loops import AlertTimers
from shared.audit.log import AuditLog, DigestKey
from shared.audit.loops import AnchorTimers, audit_loops
from shared.calendar_file import CalendarUnreadable
from shared.calendar_file import load as load_calendar
from shared.calendar_years import CalendarFollower, calendar_router
from shared.cancelling import ended
from shared.clock import Clock, machine_now
from shared.dead_letters import DeadLetters
from shared.health import Check, report_ready
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.logs import configure, log
from shared.messaging.apply import TopologyDrift, verify
from shared.messaging.connect import connect as connect_bus
from shared.messaging.permissions import streams_of
from shared.messaging.subscribe import hear
from shared.messaging.topology import calendar_consumer, consumers_of
from shared.mongo import Database, connect, ensure_indexes
from shared.notify.carriers import Ways, carriers_of
from shared.notify.deliveries import Deliveries
from shared.notify.notifier import Notifier
from shared.outbox import Relay
from shared.process import Loop, run
from shared.replay.replayer import Replayer
from shared.sealing import Sealer
from shared.settings import ServiceSettings, unknown_keys
from shared.telemetry.commands import CommandSpans
from shared.telemetry.exporters import exporters_of, provider_of
from shared.telemetry.figures import kernel_looks, made_at
from shared.telemetry.page import report_figures
from shared.telemetry.sight import Sight
from shared.timers import Timed, Timers
from shared.tls import TlsUnusable

Role = Literal["serve", "work", "both"]
S = TypeVar("S", bound=ServiceSettings)

_ROLES: tuple[Role, ...] = ("serve", "work", "both")
_OLDEST_UNSENT = timedelta(seconds=60)
_COLLECTED_AFTER: Final = 50_000
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


async def run_wired(
    wires: Wires,
    settings: ServiceSettings,
    role: Role,
    *,
    app: FastAPI,
    loops: Sequence[Loop],
    timed: Sequence[Timed] = (),
) -> None:
    """Run the HTTP side, the kernel's loops with a service's own, or both."""
    check_rows(app, wires.kernel.service)
    tls = settings.tls()
    working = [] if role == "serve" else [*kernel_loops(wires, settings, timed=timed), *loops]
    reporting = [
        wires.calendar.run,
        *ready_loop(settings, wires.kernel.checks),
        *figures_loop(settings, app),
    ]
    with wires.kernel.sight.of(app):
        await run(
            [*working, *reporting],
            app=None if role == "work" else app,
            host=settings.host,
            port=settings.port,
            tls=None if tls is None else tls.context(),
        )


def kernel_loops(
    wires: Wires, settings: ServiceSettings, *, timed: Sequence[Timed] = ()
) -> list[Loop]:
    """Return what works in every service: relay, audit chain, timers, notifications, replays.

    ``timed`` are the service's own jobs that fall due.
    """
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
        timer_loop(kernel, timed),
        Notifier(Deliveries(kernel.db), carriers).run,
        Replayer(kernel.db, wires.dead_letters).run,
        *_calendar_loop(wires, settings),
    ]


def _calendar_loop(wires: Wires, settings: ServiceSettings) -> list[Loop]:
    """Return what hears of calendar years, where the service is not the one that tells them."""
    kernel = wires.kernel
    if calendar_consumer(kernel.service) not in {it.name for it in consumers_of(kernel.service)}:
        return []

    async def hearing() -> None:
        await hear(
            [calendar_router(kernel.service, kernel.db, wires.dead_letters)],
            url=settings.nats_url,
            user=kernel.service,
            seed_file=settings.nats_seed_file,
            tracer=kernel.sight.tracer,
        )

    return [hearing]


def timer_loop(kernel: Kernel, timed: Sequence[Timed] = ()) -> Loop:
    """Return the one loop that does what falls due: clocks of alerts, anchors, a service's own."""
    parts: tuple[Timed, ...] = (AlertTimers(kernel), AnchorTimers(kernel), *timed)
    handlers = {kind: handler for part in parts for kind, handler in part.handlers.items()}
    timers = Timers(kernel.db, clock=kernel.clock, calendar=kernel.calendar, handlers=handlers)

    async def timing() -> None:
        for part in parts:
            await part.begin()
        await timers.run()

    return timing


def ready_loop(settings: ServiceSettings, checks: dict[str, Check]) -> list[Loop]:
    """Return the loop that shows readiness in a file, where one is asked for."""
    path = settings.ready_file
    return [] if path is None else [lambda: report_ready(path, checks)]


def figures_loop(settings: ServiceSettings, app: FastAPI) -> list[Loop]:
    """Return the loop that leaves the figures in a file, where one is asked for."""
    path, page = settings.metrics_file, app.state.figures
    return [] if path is None else [lambda: report_figures(path, page.text)]


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
        _collect_seldom()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(to_the_end(main, settings, role))
    except (TopologyDrift, CalendarUnreadable, RouteWithoutRow, TlsUnusable) as wrong:
        sys.exit(f"{service}：{wrong}")
    except (PyMongoError, OSError, TimeoutError) as error:
        log.error("service.cannot_start", error=repr(error)[:300])
        sys.exit(f"{service}：启动时无法连接数据库或消息总线：{type(error).__name__}")


def _collect_seldom() -> None:
    """Have the garbage collector look less often: it took a tenth of posting's processor time.

    A batch makes tens of thousands of objects that live until its commit and hold no cycles. What
    is loaded by now stays for good, and need not be looked through again.
    """
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 20, 20)


async def to_the_end(main: Callable[[S, Role], Awaitable[None]], settings: S, role: Role) -> None:
    """Run a service, and end whatever it leaves behind."""
    try:
        await main(settings, role)
    finally:
        # A connection that looks for its bus may go on with it: cancelled just then, its client
        # takes a refused attempt for the answer, and the loop itself would cancel it only once.
        await ended(*(asyncio.all_tasks() - {asyncio.current_task()}))
