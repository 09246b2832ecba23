"""The compose file's one-shot: replica set, users, streams. It may run any number of times."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from nats.errors import Error as NatsError
from pymongo.errors import PyMongoError

from deploy.local import mongo_server, nats_server
from deploy.local.keys import MONGO_ADMIN
from deploy.local.mongo_server import Login
from deploy.local.problem import StackProblem
from shared.messaging.permissions import SERVICES

SECRETS = Path("/run/secrets")
# The container shares the network of mongo's: the server's own loopback is its own.
_MONGO_HERE = "127.0.0.1:27017"
_MONGO_FOR_ALL = "mongo:27017"
_NATS = "nats://nats:4222"
_PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 0.5


def main() -> None:
    """Prepare both servers, or say in one line what stands in the way."""
    try:
        asyncio.run(prepare())
    except (StackProblem, PyMongoError, NatsError, OSError, TimeoutError) as error:
        sys.exit(f"✗ 初始化失败：{error or type(error).__name__}")
    print("✓ 复制集、用户和消息流均已就绪", flush=True)


async def prepare() -> None:
    """Make what both servers must hold before a service starts."""
    admin = Login(user=MONGO_ADMIN, password=_secret("mongo_admin"))
    operator = SECRETS / "nats_operator"
    await _patiently("mongod", lambda: mongo_server.answers(_MONGO_HERE))
    await mongo_server.initiate(_MONGO_HERE, admin=admin, member=_MONGO_FOR_ALL)
    passwords = {service: _secret(f"{service}_mongo") for service in SERVICES}
    await mongo_server.make_users(_MONGO_HERE, admin=admin, passwords=passwords)
    await _patiently("nats-server", lambda: nats_server.ready(_NATS, seed=operator))
    await nats_server.declare(_NATS, seed=operator)


async def _patiently(name: str, check: Callable[[], Awaitable[None]]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return await check()
        except (PyMongoError, NatsError, OSError, TimeoutError) as error:
            if time.monotonic() > deadline:
                raise StackProblem(f"{name} 在 {_PATIENCE_SECONDS:.0f} 秒内没有应答") from error
        await asyncio.sleep(_PAUSE_SECONDS)


def _secret(name: str) -> str:
    return (SECRETS / name).read_text().strip()


if __name__ == "__main__":
    main()
