"""The whole local stack: bring it up, keep it running, take it down."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from deploy.local import (
    given,
    leftovers,
    nats_server,
    record,
    servers,
    service_clock,
    services,
)
from deploy.local.given import GivenMongo
from deploy.local.issuer import Issuer
from deploy.local.keys import Keys
from deploy.local.layout import Layout
from deploy.local.options import Options
from deploy.local.ports import Ports
from deploy.local.problem import StackProblem
from deploy.local.program import Program
from deploy.local.record import Record
from deploy.local.servers import Place
from deploy.local.services import Addresses
from deploy.local.supervisor import Supervisor
from shared.cancelling import ended

Say = Callable[[str], None]

_SERVER_SECONDS = 60.0
_SERVICE_SECONDS = 60.0
_LOG_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A running stack: where everything is, and who issues its tokens."""

    urls: dict[str, str]
    issuer: Issuer
    layout: Layout


def attached(layout: Layout) -> Stack | None:
    """Return the stack that already runs here and is ready, if there is one."""
    found = record.running(layout)
    if found is None or not found.ready:
        return None
    issuer = Issuer(Keys(layout.keys).issuer_key)
    return Stack(urls=dict(found.urls), issuer=issuer, layout=layout)


@asynccontextmanager
async def local_stack(
    options: Options, *, say: Say, layout: Layout | None = None
) -> AsyncIterator[Stack]:
    """Run the stack for the length of the block; nothing of it is left afterwards."""
    layout = layout or Layout()
    with record.held(layout):
        leftovers.sweep(layout, say=say)
        run = _Run(layout=layout, options=options, say=say)
        try:
            # From here on ``./run down`` finds whom to ask.
            run.write_record()
            run.prepare()
            await _until_started(run)
            yield Stack(urls=run.urls, issuer=Issuer(run.keys.issuer_key), layout=layout)
        finally:
            await run.stop()


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run, from an empty record to the last process gone."""

    layout: Layout
    options: Options
    say: Say
    urls: dict[str, str] = field(default_factory=dict)
    containers: list[str] = field(default_factory=list)
    ready: bool = False
    supervisor: Supervisor = field(init=False)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.say, self.write_record)

    @property
    def keys(self) -> Keys:
        return Keys(self.layout.keys)

    @property
    def ports(self) -> Ports:
        return Ports(self.options.port_base)

    def prepare(self) -> None:
        """Do all that needs no process: whatever is in the way shows before anything starts."""
        options = self.options
        own = [
            name
            for name, url in (("nats", options.nats_url), ("mongo", options.mongo_url))
            if not url
        ]
        self.ports.check_free(*options.services, *own)
        if options.fresh:
            self._clear()
            self.write_record()
        self.layout.make()
        _rotate_logs(self.layout)
        self.keys.make()
        if options.docker:
            self.say("正在准备 Docker 镜像…")
            servers.check_docker()

    async def start(self) -> None:
        """Start servers, declare what they hold, then start the services."""
        clock = service_clock.settle(self.layout, as_of=self.options.as_of)
        place = Place(
            layout=self.layout, keys=self.keys, ports=self.ports, docker=self.options.docker
        )
        await self._start_servers(place)
        addresses = Addresses(
            nats=self.urls["nats"],
            mongo=self.urls["mongo"],
            clock_offset_seconds=clock.offset_seconds,
        )
        # Only now is there data that the clock could belong to.
        service_clock.keep(self.layout, clock)
        self.say("正在启动服务…")
        await self.supervisor.start(
            services.programs(
                layout=self.layout,
                keys=self.keys,
                ports=self.ports,
                addresses=addresses,
                settings=self.options.settings,
                only=self.options.services,
            ),
            patience_seconds=_SERVICE_SECONDS,
        )
        named = {name: f"http://127.0.0.1:{self.ports.of(name)}" for name in self.options.services}
        self.urls = {**named, **self.urls}
        self.ready = True
        self.write_record()

    async def stop(self) -> None:
        """Stop every process and forget the run."""
        await self.supervisor.stop()
        for container in self.containers:
            leftovers.remove_container(container)
        self.layout.record.unlink(missing_ok=True)

    async def _start_servers(self, place: Place) -> None:
        own: list[Program] = []
        mongo = None
        if not self.options.nats_url:
            own.append(servers.nats_program(place))
        if self.options.mongo_url:
            mongo = GivenMongo.parse(self.options.mongo_url, place=place)
        else:
            own.append(servers.mongo_program(place))
        self.containers = [program.container for program in own if program.container]
        self.say("正在启动 nats-server 和 mongod…" if own else "正在连接给定的服务器…")
        await self.supervisor.start(own, patience_seconds=_SERVER_SECONDS)
        self.urls["nats"] = self.options.nats_url or servers.nats_url(self.ports)
        if self.options.nats_url:
            await given.prepare_nats(self.options.nats_url, place=place)
        await nats_server.declare(self.urls["nats"], seed=place.operator_seed)
        if mongo is None:
            await servers.make_ready(place)
            self.urls["mongo"] = servers.mongo_url(self.ports)
        else:
            await mongo.prepare(place=place)
            self.urls["mongo"] = mongo.url

    def _clear(self) -> None:
        if self.options.nats_url or self.options.mongo_url:
            raise StackProblem("--fresh 清不掉别处的服务器：请去掉 --fresh，或在那里自行清空")
        for path in self.layout.root.iterdir():
            # Logs stay: the supervisor writes one at this moment, and they tell what was before.
            if path in {self.layout.lock, self.layout.log}:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def write_record(self) -> None:
        """Tell other commands what runs now."""
        record.write(
            self.layout,
            Record(
                supervisor=record.this_process(),
                ready=self.ready,
                urls=self.urls,
                containers=tuple(self.containers),
                processes=self.supervisor.records(),
            ),
        )


async def _until_started(run: _Run) -> None:
    """Start the stack so that an interruption ends the start, whatever the start is doing."""
    start = asyncio.create_task(run.start(), name="start the stack")
    try:
        await asyncio.shield(start)
    except asyncio.CancelledError:
        await ended(start)
        raise


def _rotate_logs(layout: Layout) -> None:
    """Keep logs of earlier runs, but not for ever: one older file of each."""
    for log in layout.log.glob("*.log"):
        if log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
