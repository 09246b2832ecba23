"""MongoDB with every promise written out: majority, journaled, snapshot transactions."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import pymongo
from pymongo import AsyncMongoClient, IndexModel, ReadPreference, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    PyMongoError,
    WaitQueueTimeoutError,
    WTimeoutError,
)
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern

Row: TypeAlias = dict[str, Any]
Client: TypeAlias = AsyncMongoClient[Row]
Database: TypeAlias = AsyncDatabase[Row]
Session: TypeAlias = AsyncClientSession

T = TypeVar("T")

# Below the bus's ack_wait of 30 s.
TRANSACTION_SECONDS = 15.0

_DURABLE = WriteConcern(w="majority", j=True, wtimeout=10_000)
_UNREACHABLE = (
    ConnectionFailure,
    NetworkTimeout,
    WaitQueueTimeoutError,
    WTimeoutError,
    ExecutionTimeout,
)


def connect(
    url: str,
    *,
    username: str | None,
    password: str | None,
    database: str,
    listeners: Sequence[CommandListener] = (),
) -> Client:
    """Return a client for one service's database; connects when first used."""
    login: dict[str, Any] = {}
    if username is not None:
        login = {"username": username, "password": password, "authSource": database}
    return AsyncMongoClient(
        url,
        tz_aware=True,
        w="majority",
        journal=True,
        wTimeoutMS=10_000,
        readConcernLevel="majority",
        serverSelectionTimeoutMS=3_000,
        connectTimeoutMS=3_000,
        socketTimeoutMS=15_000,
        waitQueueTimeoutMS=15_000,
        event_listeners=list(listeners),
        **login,
    )


async def transact(db: Database, work: Callable[[Session], Awaitable[T]]) -> T:
    """Run ``work`` in one transaction; a write conflict repeats it, so it must allow that.

    Left to itself the driver repeats for two minutes while the store is away. A batch would then
    outlive its ``ack_wait`` and a request its caller, so all of it together has a limit.
    """
    with pymongo.timeout(TRANSACTION_SECONDS):
        async with db.client.start_session() as session:
            return await session.with_transaction(
                work,
                read_concern=ReadConcern("snapshot"),
                write_concern=_DURABLE,
                read_preference=ReadPreference.PRIMARY,
                max_commit_time_ms=10_000,
            )


def unreachable(error: BaseException) -> bool:
    """Tell whether an error says that the store is out of reach, not that the content is bad."""
    if isinstance(error, _UNREACHABLE):
        return True
    return isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError")
        or error.has_error_label("UnknownTransactionCommitResult")
        or error.has_error_label("RetryableWriteError")
    )


async def ensure_indexes(db: Database, indexes: Mapping[str, Sequence[IndexModel]]) -> None:
    """Create what is missing; an index that differs from its declaration is an error."""
    for collection, models in indexes.items():
        await db[collection].create_indexes(list(models))
