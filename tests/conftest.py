"""Real servers for every test that asks: one mongod a session, an empty database a test."""

import json
import time
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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--servers",
        type=Source,
        choices=list(Source),
        default=Source.MACHINE,
        help="nats-server and mongod from PATH or wheels, or as containers of a Docker Engine",
    )


def pytest_configure(config: pytest.Config) -> None:
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
