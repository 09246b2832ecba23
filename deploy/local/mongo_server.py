"""The mongod of a stack or a test: one member of a replica set, its command, users, readiness."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure
from pymongo.write_concern import WriteConcern

from deploy.local.problem import StackProblem

REPLICA_SET = "rs0"
_TIMEOUT_MS = 3_000
_POLL_SECONDS = 0.02
_UNAUTHORIZED = 13
_AUTHENTICATION_FAILED = 18
_ALREADY_INITIALIZED = 23

_Client = AsyncMongoClient[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user of the store; without one the server is asked as nobody."""

    user: str
    password: str
    source: str = "admin"


def command(
    binary: Path | str,
    *,
    data: Path | str,
    port: int,
    key_file: Path | str | None,
    bind: str = "127.0.0.1",
    cache_gib: float = 0.5,
) -> list[str]:
    """Return what starts the server."""
    arguments = [
        str(binary),
        *("--dbpath", str(data), "--port", str(port), "--bind_ip", bind, "--nounixsocket"),
        *("--replSet", REPLICA_SET, "--oplogSize", "512"),
        *("--wiredTigerCacheSizeGB", str(cache_gib)),
        # A killed client's transaction keeps its documents locked for as long as this.
        *("--setParameter", "transactionLifetimeLimitSeconds=5"),
        # There is no other member that could take over: do not wait for one when stopping.
        *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        "--quiet",
    ]
    return arguments if key_file is None else [*arguments, "--keyFile", str(key_file)]


@asynccontextmanager
async def client_of(
    host: str, login: Login | None, *, replica_set: str | None = None
) -> AsyncIterator[_Client]:
    """Speak to this one server, whatever its set thinks of it, or to a replica set of others."""
    credentials: dict[str, Any] = {}
    if login is not None:
        credentials = {
            "username": login.user,
            "password": login.password,
            "authSource": login.source,
        }
    client: _Client = AsyncMongoClient(
        f"mongodb://{host}/",
        directConnection=replica_set is None,
        replicaSet=replica_set,
        serverSelectionTimeoutMS=_TIMEOUT_MS,
        connectTimeoutMS=_TIMEOUT_MS,
        socketTimeoutMS=_TIMEOUT_MS * 2,
        **credentials,
    )
    try:
        yield client
    finally:
        await client.close()


async def answers(host: str) -> None:
    """Raise when no mongod answers there; it need not be in a replica set yet."""
    async with client_of(host, None) as nobody:
        await nobody.admin.command("hello")


async def initiate(
    host: str, *, admin: Login | None, member: str | None = None, patience_seconds: float = 30
) -> None:
    """Make the replica set of one and its administrator, or fit an existing set to its port.

    ``member`` is the name by which others reach the server, where it is not ``host``.
    """
    member = member or host
    async with client_of(host, None) as nobody:
        await _initiate_set(nobody, member)
        if admin is not None and await _rejected(host, admin):
            # Nobody may make the first user, from this machine, while there is none at all.
            await _until_writable(nobody, patience_seconds)
            await _make_admin(nobody, admin)
    async with client_of(host, admin) as client:
        await _move(client, member)
        await _until_writable(client, patience_seconds)
        await client.admin.command(
            "setDefaultRWConcern",
            1,
            defaultReadConcern={"level": "majority"},
            defaultWriteConcern={"w": "majority"},
        )


async def _initiate_set(nobody: _Client, host: str) -> None:
    config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]}
    try:
        await nobody.admin.command("replSetInitiate", config)
    except OperationFailure as refused:
        # A server that has users does not let nobody ask: then the set was made before.
        if refused.code not in {_ALREADY_INITIALIZED, _UNAUTHORIZED}:
            raise


async def _rejected(host: str, admin: Login) -> bool:
    try:
        async with client_of(host, admin) as client:
            await client.admin.command("connectionStatus")
    except OperationFailure as refused:
        if refused.code != _AUTHENTICATION_FAILED:
            raise
        return True
    return False


async def _make_admin(nobody: _Client, admin: Login) -> None:
    try:
        await nobody.admin.command("createUser", admin.user, pwd=admin.password, roles=["root"])
    except OperationFailure as refused:
        if refused.code == _UNAUTHORIZED:
            raise StackProblem(
                "mongod 的数据与 .stack/keys 里的密钥不属于同一套：请加 --fresh 重新开始"
            ) from refused
        raise


async def _move(client: _Client, host: str) -> None:
    """Tell a set that was made on another port where its member lives now."""
    config = (await client.admin.command("replSetGetConfig"))["config"]
    [member] = config["members"]
    if member["host"] == host:
        return
    member["host"] = host
    config["version"] += 1
    # By force: a member that does not find itself in its set has no primary to ask.
    await client.admin.command("replSetReconfig", config, force=True)


async def _until_writable(client: _Client, patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    while not (await client.admin.command("hello"))["isWritablePrimary"]:
        if time.monotonic() > deadline:
            raise StackProblem(f"mongod 在 {patience_seconds:.0f} 秒内没有成为主节点：请看它的日志")
        await asyncio.sleep(_POLL_SECONDS)


async def make_users(
    host: str, *, admin: Login, passwords: Mapping[str, str], replica_set: str | None = None
) -> None:
    """Give each service its user, in its own database and for it alone."""
    async with client_of(host, admin, replica_set=replica_set) as client:
        for name, password in passwords.items():
            known = await client[name].command("usersInfo", name)
            verb = "updateUser" if known["users"] else "createUser"
            role = {"role": "readWrite", "db": name}
            await client[name].command(verb, name, pwd=password, roles=[role])


async def ready(host: str, *, admin: Login | None, replica_set: str | None = None) -> None:
    """Write to a majority and wait for the journal; raise when that is not possible."""
    async with client_of(host, admin, replica_set=replica_set) as client:
        concern = WriteConcern(w="majority", j=True, wtimeout=_TIMEOUT_MS)
        checks = client["stack"].get_collection("checks", write_concern=concern)
        await checks.update_one({"_id": "ready"}, {"$inc": {"count": 1}}, upsert=True)
