"""The servers of a benchmark, as strict as production, and programs that work on them."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from joserfc.jwk import ECKey, OctKey

from benchmarks.traffic import INSTITUTIONS, uscc
from deploy.local import mongo_server
from services.fund_monitor.application import SERVICE
from services.fund_monitor.settings import FundMonitorSettings
from services.fund_monitor.store.indexes import INDEXES
from shared.mongo import Database
from shared.settings import ServiceSettings
from shared.wiring import Wires, wired
from tests.support.programs import Source
from tests.support.servers import CACHE, MongoServer, NatsServer, free_port, nats_for_tests

_CACHE_GIB = 4.0
_PATIENCE_SECONDS = 60.0


class RoomyMongo(MongoServer):
    """A mongod with the settings of a deployment: those for tests trade speed for short lives."""

    def _command(self) -> list[str]:
        return mongo_server.command(
            self._binary, data=self._data, port=self.port, key_file=None, cache_gib=_CACHE_GIB
        )


@dataclass(slots=True)
class City:
    """Two servers, and a database of its own for every run."""

    mongo: RoomyMongo
    nats: NatsServer
    folder: Path
    _runs: "count[int]" = field(default_factory=count)

    def settings(self, *, port: int = 1) -> FundMonitorSettings:
        """Return the settings of fund_monitor on a database that nobody has used."""
        # No token is read here and nothing is unsealed, but a service does not start without keys.
        public = ECKey.generate_key("P-256").as_dict(private=False)
        sealing = self.folder / "sealing.json"
        if not sealing.exists():
            key = OctKey.generate_key(256, {"kid": "bench"}).as_dict(private=True)
            _kept(sealing, key)
        return FundMonitorSettings(
            port=port,
            mongo_url=self.mongo.url,
            mongo_database=f"bench{next(self._runs)}",
            nats_url=self.nats.url,
            nats_seed_file=self.nats.seed_file(SERVICE),
            jwks=str(_kept(self.folder / "jwks.json", {"keys": [public]})),
            token_issuer=SERVICE,
            token_audience=SERVICE,
            audit_key_file=_kept(self.folder / "audit.json", {"name": "bench", "secret": "00"}),
            sealing_key_file=sealing,
            # Far above what one bank may send, since one bank sends a whole city's events here.
            requests_per_second_of_sender=100_000,
            log_level="WARNING",
        )

    @asynccontextmanager
    async def wired(self, settings: FundMonitorSettings) -> AsyncIterator[Wires]:
        """Connect as fund_monitor would, and forget the run's database at the end."""
        async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
            yield wires
            await wires.kernel.db.client.drop_database(settings.mongo_database)


@contextmanager
def city() -> Iterator[City]:
    """Serve NATS and MongoDB until the block ends."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(dir=CACHE)))
        mongo = RoomyMongo(folder, Source.MACHINE)
        mongo.prepare()
        opened.callback(mongo.kill)
        mongo.start()
        yield City(mongo, opened.enter_context(nats_for_tests()), folder)


async def register_institutions(db: Database) -> None:
    """Let every institution of the traffic be one that the registry knows."""
    await db["institutions"].insert_many(
        {
            "_id": f"inst-{number}",
            "version": 1,
            "name": f"第{number}家培训机构",
            "uscc": uscc(number),
            "kind": "sports",
            "competent_department": "culture_tourism_sports",
            "status": "active",
        }
        for number in range(INSTITUTIONS)
    )


@contextmanager
def programs(
    command: Sequence[str], settings: ServiceSettings, *, processes: int
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run so many processes of a program with a service's settings until the block ends."""
    running = [
        subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, "-m", *command],
            env={**os.environ, **environment(settings), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL,
        )
        for _ in range(processes)
    ]
    try:
        yield running
    finally:
        for program in running:
            program.terminate()
        for program in running:
            try:
                program.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
                raise RuntimeError("a program does not end when it is told to") from None


def environment(settings: ServiceSettings) -> Mapping[str, str]:
    """Return the environment that gives a process these settings."""
    told = settings.model_dump(mode="json", exclude_defaults=True)
    prefix = settings.model_config.get("env_prefix", "")
    return {f"{prefix}{name.upper()}": str(value) for name, value in told.items()}


async def ended_early(running: Sequence[subprocess.Popen[bytes]]) -> None:
    """Raise when a program has ended: nothing is measured like this."""
    await asyncio.sleep(0)
    for program in running:
        if program.poll() is not None:
            raise RuntimeError(f"a program has ended with {program.returncode}")


def any_port() -> int:
    """Return a free port for a door."""
    return free_port()


def _kept(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path
