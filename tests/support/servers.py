"""Real servers for tests: the stack's own nats-server and mongod, on free ports, thrown away.

Everything they write lies in ``.cache/``. They are processes, or containers when those are asked
for (``--servers=docker``): with the same configuration, at the same kind of address, and killed,
paused and started again in the same way.
"""

import asyncio
import atexit
import contextlib
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from nats.aio.client import Client

from deploy.local import mongo_server, nats_server
from deploy.local.keys import Keys
from deploy.local.layout import CHECKOUT
from shared.messaging.permissions import OPERATOR, USERS
from tests.support.programs import Program, Source, mongo_program, nats_program

CACHE = CHECKOUT / ".cache"
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.02

T = TypeVar("T")


@dataclass(slots=True)
class Asked:
    """Where this run's servers come from; the option ``--servers`` says so before any test."""

    source: Source = Source.MACHINE


ASKED = Asked()


def free_port() -> int:
    """Return a loopback port that nobody listens on.

    Below the range from which the system gives ports to outgoing connections: one of those could
    take it before the server does.
    """
    while True:
        port = secrets.choice(range(20_000, 32_000))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def run_apart(work: Callable[[], Awaitable[T]]) -> T:
    """Run async work to its end from anywhere: a loop may be running in this thread."""

    async def main() -> T:
        return await work()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, main()).result()


def wait_for(check: Callable[[], Awaitable[None]], *, seconds: float = 30) -> None:
    """Wait until a check no longer raises."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return run_apart(check)
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)


class _Server:
    """One server: started, killed, paused and started again on the same data and port."""

    def __init__(self, folder: Path, binary: Path, program: Program) -> None:
        self.port = free_port()
        self._folder = folder
        self._binary = binary
        self._program = program

    def start(self) -> None:
        """Start the server and wait until it truly answers."""
        self._program.start(self._command())
        self._wait(self._answers)

    def stop(self) -> None:
        """Ask the server to end and wait for it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server as a power cut would, without a word."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start it again, after killing it if it still runs."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """Let the server hang: connections stay, answers do not come."""
        self._program.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._program.send(signal.SIGCONT)

    def _command(self) -> list[str]:
        raise NotImplementedError

    async def _answers(self) -> None:
        raise NotImplementedError

    def _end(self, sign: signal.Signals) -> None:
        self._program.send(sign)
        self._program.send(signal.SIGCONT)
        self._program.wait()

    def _wait(self, check: Callable[[], Awaitable[None]]) -> None:
        async def alive_and_well() -> None:
            if self._program.alive():
                await check()

        wait_for(alive_and_well, seconds=_PATIENCE_SECONDS)
        if not self._program.alive():
            raise RuntimeError(f"{self._binary.name}: ended\n{self._program.last_words()}")


class NatsServer(_Server):
    """A nats-server with the accounts, permissions, streams and consumers of the suite."""

    def __init__(self, folder: Path, source: Source) -> None:
        super().__init__(folder, *nats_program(source, folder))
        self.url = f"nats://127.0.0.1:{self.port}"
        self._keys = Keys(folder / "keys")
        self._config = folder / "nats-server.conf"

    def prepare(self) -> None:
        """Make what keys are missing, and the configuration."""
        self._keys.make_nats_seeds(user.name for user in USERS)
        nats_server.write_config(
            self._config,
            public_keys=self._keys.nats_public_keys(),
            store_dir=str(self._folder / "jetstream"),
            port=self.port,
        )

    def declare(self) -> None:
        """Make the declared streams and consumers; a test that broke some calls it again."""
        run_apart(lambda: nats_server.declare(self.url, seed=self.seed_file(OPERATOR)))

    def seed_file(self, user: str) -> Path:
        """Return the file with a user's seed."""
        return self._keys.nats_seed(user)

    async def connect(self, user: str, **options: object) -> Client:
        """Connect as a service, a department, a town or the operator."""
        return await nats_server.connect(self.url, user=user, seed=self.seed_file(user), **options)

    def _command(self) -> list[str]:
        return nats_server.command(self._binary, config=self._config)

    async def _answers(self) -> None:
        await nats_server.ready(self.url, seed=self.seed_file(OPERATOR))


class MongoServer(_Server):
    """A mongod, the one member of its replica set, without users."""

    def __init__(self, folder: Path, source: Source) -> None:
        super().__init__(folder, *mongo_program(source, folder))
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"mongodb://{self.host}/?replicaSet={mongo_server.REPLICA_SET}"
        self._data = folder / "mongo"

    def prepare(self) -> None:
        """Make the folder of its data."""
        self._data.mkdir()

    def start(self) -> None:
        super().start()
        run_apart(lambda: mongo_server.initiate(self.host, admin=None))
        self._wait(lambda: mongo_server.ready(self.host, admin=None))

    def _command(self) -> list[str]:
        return [
            *mongo_server.command(
                self._binary, data=self._data, port=self.port, key_file=None, cache_gib=0.25
            ),
            # Files of what a test dropped stay open until no snapshot can ask for them and a
            # checkpoint has passed: at the defaults for minutes, and thousands of them.
            *("--setParameter", "minSnapshotHistoryWindowInSeconds=5", "--syncdelay", "10"),
        ]

    async def _answers(self) -> None:
        await mongo_server.answers(self.host)


@contextmanager
def nats_for_tests(source: Source | None = None) -> Iterator[NatsServer]:
    """Serve NATS, everything declared, until the block ends."""
    source = source or ASKED.source
    with _scratch("nats") as folder:
        shutil.copytree(_declared(source), folder, dirs_exist_ok=True)
        server = NatsServer(folder, source)
        server.prepare()
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def mongo_for_tests(source: Source | None = None) -> Iterator[MongoServer]:
    """Serve MongoDB, a primary that takes majority writes, until the block ends."""
    with _scratch("mongo") as folder:
        server = MongoServer(folder, source or ASKED.source)
        server.prepare()
        try:
            server.start()
            yield server
        finally:
            server.kill()


@cache
def _declared(source: Source) -> Path:
    """Return what a bus with everything declared leaves on disk; making it takes a second."""
    folder = _new_folder("nats-declared")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = NatsServer(folder, source)
    server.prepare()
    server.start()
    server.declare()
    server.stop()
    return folder


@contextmanager
def _scratch(name: str) -> Iterator[Path]:
    folder = _new_folder(name)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder(name: str) -> Path:
    CACHE.mkdir(exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=CACHE))
