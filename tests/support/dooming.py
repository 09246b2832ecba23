"""Start doomed services from a test, one process after the other, and learn how each ended."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from deploy.local.keys import Keys
from deploy.local.layout import CHECKOUT, Layout
from deploy.local.ports import Ports
from deploy.local.services import Addresses, programs
from tests.support.servers import MongoServer, NatsServer

_PATIENCE_SECONDS = 90.0


class Doomed:
    """One service: many processes, one at a time."""

    def __init__(self, forker: asyncio.subprocess.Process, log: Path) -> None:
        self._forker = forker
        self._log = log
        self._pid: int | None = None

    async def begin(self, role: str, *, point: str | None = None, when: str | None = None) -> int:
        """Start the service, to die at a point or to live until it is stopped; return its id."""
        assert self._forker.stdin is not None
        order = {"role": role, **({"point": point, "when": when} if point else {})}
        self._forker.stdin.write(json.dumps(order).encode() + b"\n")
        await self._forker.stdin.drain()
        pid: int = (await self._said())["pid"]
        self._pid = pid
        return pid

    async def ended(self) -> int:
        """Wait for the end of the process and return its exit code; a signal's is negative."""
        code: int = (await self._said())["ended"]
        self._pid = None
        return code

    async def stop(self) -> None:
        """Ask the process to end, as a supervisor does."""
        if self._pid is not None:
            os.kill(self._pid, signal.SIGTERM)
            await self.ended()

    async def _said(self) -> dict[str, Any]:
        assert self._forker.stdout is not None
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                line = await self._forker.stdout.readline()
        except TimeoutError:
            tail = self._log.read_text(errors="replace")[-2000:]
            raise TimeoutError(f"{self._log.name} goes on:\n{tail}") from None
        said: dict[str, Any] = json.loads(line)
        return said


@asynccontextmanager
async def doomed(
    service: str, *, environment: Mapping[str, str], folder: Path
) -> AsyncIterator[Doomed]:
    """Have a service imported and ready to be started; nothing of it is left afterwards."""
    log = folder / f"{service}.log"
    log.touch()
    forker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(CHECKOUT / "deploy/local/child.py"), str(os.getpid())),
        *(sys.executable, "-m", "tests.support.doomed", service, str(log)),
        cwd=CHECKOUT,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Doomed(forker, log)
    finally:
        # Its child dies with it.
        forker.kill()
        await forker.wait()


def environments(
    folder: Path, *, bus: NatsServer, mongo: MongoServer, port_base: int, offset_seconds: int
) -> tuple[dict[str, dict[str, str]], Keys]:
    """Return what the stack would tell each service, on servers of tests, and the stack's keys."""
    layout = Layout(folder / "stack")
    layout.make()
    keys = Keys(layout.keys)
    keys.make()
    told = programs(
        layout=layout,
        keys=keys,
        ports=Ports(port_base),
        addresses=Addresses(nats=bus.url, mongo=mongo.url, clock_offset_seconds=offset_seconds),
    )
    found = {}
    for program in told:
        service = program.name.partition("-")[0]
        prefix = f"{service.upper()}_"
        # The mongod of tests has no users, and the bus has its own seeds.
        without = {f"{prefix}MONGO_USERNAME", f"{prefix}MONGO_PASSWORD_FILE"}
        kept = {name: value for name, value in program.environment.items() if name not in without}
        found[service] = {**kept, f"{prefix}NATS_SEED_FILE": str(bus.seed_file(service))}
    return found, keys
