"""The local stack in parts: both servers run, and each service only while a test wants it to.

``./run up`` always starts all four; that one works while the others are away is the tests' matter.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from deploy.local import nats_server, servers, services
from deploy.local.issuer import Issuer
from deploy.local.keys import Keys
from deploy.local.layout import Layout
from deploy.local.ports import Ports
from deploy.local.program import Program
from deploy.local.servers import Place
from deploy.local.services import Addresses, Ready
from deploy.local.supervisor import Keeper, Supervisor
from shared.messaging.permissions import SERVICES

_PATIENCE_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Parts:
    """The stack's own programs under its own supervisor, a supervisor for each service."""

    place: Place
    clock_offset_seconds: int = 0
    said: list[str] = field(default_factory=list)
    _running: dict[str, Supervisor] = field(default_factory=dict)

    @property
    def urls(self) -> dict[str, str]:
        """Where each service listens, when it runs."""
        return {name: f"http://127.0.0.1:{self.place.ports.of(name)}" for name in SERVICES}

    @property
    def nats_url(self) -> str:
        """Where the bus is."""
        return servers.nats_url(self.place.ports)

    @property
    def issuer(self) -> Issuer:
        """Who issues tokens."""
        return Issuer(self.place.keys.issuer_key)

    async def start(self, *names: str) -> None:
        """Start services side by side and wait until each is ready."""
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(self._start(name, self._programs_of(name)))

    async def start_second_worker(self, service: str) -> None:
        """Start another process that works, beside the one of a service with a door of its own."""
        [worker] = [one for one in self._programs_of(service) if one.name == f"{service}-work"]
        # Whatever a process leaves under its name, the second one leaves under another.
        environment = {
            name: value.replace(worker.name, f"{worker.name}-2")
            for name, value in worker.environment.items()
        }
        check = Ready(port=None, ready_file=self.place.layout.run / f"{worker.name}-2.ready.json")
        log = worker.log.with_name(f"{worker.name}-2.log")
        second = replace(
            worker, name=f"{worker.name}-2", environment=environment, check=check, log=log
        )
        await self._start(second.name, (second,))

    @property
    def keepers(self) -> dict[str, Keeper]:
        """Who keeps each process that was started, by its name."""
        every = [group for one in self._running.values() for group in one.groups]
        return {keeper.program.name: keeper for group in every for keeper in group}

    async def stop(self, *names: str) -> None:
        """Stop services as an operator does."""
        for name in names:
            await self._running.pop(name).stop()

    async def start_servers(self) -> None:
        """Start nats-server and mongod, and make what they must hold."""
        place = self.place
        await self._start("servers", (servers.nats_program(place), servers.mongo_program(place)))
        await nats_server.declare(self.nats_url, seed=place.operator_seed)
        await servers.make_ready(place)

    async def stop_all(self) -> None:
        """Stop whatever still runs, services before the servers they use."""
        await self.stop(*reversed(self._running))

    def _programs_of(self, service: str) -> tuple[Program, ...]:
        every = services.programs(
            layout=self.place.layout,
            keys=self.place.keys,
            ports=self.place.ports,
            addresses=Addresses(
                nats=self.nats_url,
                mongo=servers.mongo_url(self.place.ports),
                clock_offset_seconds=self.clock_offset_seconds,
            ),
        )
        return tuple(
            one for one in every if one.name.removesuffix("-serve") in {service, f"{service}-work"}
        )

    async def _start(self, name: str, programs: tuple[Program, ...]) -> None:
        self._running[name] = Supervisor(self.said.append, lambda: None)
        await self._running[name].start(programs, patience_seconds=_PATIENCE_SECONDS)


@asynccontextmanager
async def stack_in_parts(
    layout: Layout, *, port_base: int, clock_offset_seconds: int = 0
) -> AsyncIterator[Parts]:
    """Run both servers for the length of the block, and no service yet."""
    layout.make()
    keys = Keys(layout.keys)
    keys.make()
    place = Place(layout=layout, keys=keys, ports=Ports(port_base), docker=False)
    parts = Parts(place=place, clock_offset_seconds=clock_offset_seconds)
    try:
        await parts.start_servers()
        yield parts
    finally:
        await parts.stop_all()
