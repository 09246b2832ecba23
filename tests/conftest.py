"""Real servers for every test that asks: one mongod a session, an empty database a test."""

import gc
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.access.tokens import Verifier
from shared.mongo import Database
from tests.support.databases import empty_database
from tests.support.programs import Source, sweep
from tests.support.servers import (
    ASKED,
    MongoServer,
    NatsServer,
    mongo_for_tests,
    nats_for_tests,
)

KEY = ECKey.generate_key("P-256", {"kid": "tests"})
ISSUER = "urn:tests"
AUDIENCE = "urn:tests:city"
# Garbage collections of the youngest after so many new objects, and each older one after so many.
_SELDOM = (20_000, 10, 10)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--servers",
        type=Source,
        choices=list(Source),
        default=Source.MACHINE,
        help="nats-server and mongod from PATH or wheels, or as containers of a Docker Engine",
    )


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(*_SELDOM)
    # Workers beside each other would each find no test there, and nobody would name the path.
    asked = (Path(each.partition("::")[0]) for each in config.args)
    if absent := [str(path) for path in asked if not path.exists()]:
        raise pytest.UsageError(f"没有这个测试文件或目录：{'、'.join(absent)}")
    ASKED.source = config.getoption("--servers")
    if ASKED.source is Source.DOCKER:
        sweep()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever asks for a real server: where there is none, it must not be chosen."""
    for item in items:
        if {"mongo", "bus"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.integration)
    _longest_files_first(items)


def _longest_files_first(items: list[pytest.Item]) -> None:
    """Let no worker be alone with a file of minutes when the others have nothing left."""
    patience: dict[Path, float] = defaultdict(float)
    for item in items:
        patience[item.path] = max(patience[item.path], _patience_with(item))
    items.sort(key=lambda item: patience[item.path], reverse=True)


def _patience_with(item: pytest.Item) -> float:
    """Return the seconds that a test may take, which say roughly how long it takes."""
    marker = item.get_closest_marker("timeout")
    if marker is not None:
        return float(marker.args[0])
    return 1.0 if item.get_closest_marker("integration") else 0.0


def pytest_collection_finish() -> None:
    """Leave what stays until the end, all modules and tests, out of every look for garbage.

    To go through it again and again took a third of the time of tests that make an application.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def mongo() -> Iterator[MongoServer]:
    with mongo_for_tests() as server:
        yield server


@pytest.fixture
async def database(mongo: MongoServer, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with empty_database(mongo.url, purpose=str(request.path.parent)) as empty:
        yield empty


@pytest.fixture
def bus() -> Iterator[NatsServer]:
    """A bus of one's own: streams have fixed names, so tests cannot share one."""
    with nats_for_tests() as server:
        yield server


@pytest.fixture
def token() -> Callable[..., str]:
    def make(**claims: str) -> str:
        now = int(time.time())
        body = {"sub": "test", "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 600}
        return jwt.encode({"alg": "ES256", "kid": "tests"}, {**body, **claims}, KEY)

    return make


@pytest.fixture
async def access(tmp_path: Path) -> Verifier:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    verifier = Verifier(jwks=str(file), issuer=ISSUER, audience=AUDIENCE)
    await verifier.load()
    return verifier
