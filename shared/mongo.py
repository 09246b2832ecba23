"""MongoDB with every promise written out: majority, journaled, snapshot transactions."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import pymongo
from bson.errors import BSONError
from pymongo import AsyncMongoClient, IndexModel, ReadPreference, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
    WriteError,
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

# Commands that fail because of where a server stands: it starts, stops, steps down, is full, or
# does not yet know its users or the keys of its cluster time (18 and 211, after a restart).
_SERVERS_OWN_TROUBLE = frozenset(
    {6, 7, 11, 13, 18, 24, 46, 50, 89, 91, 94, 112, 133, 134, 189, 202, 211, 225, 246, 251, 262}
    | {290, 314, 384, 9001, 10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031}
)
_DUPLICATE_KEY = 11_000
_WRITE_CONCERN_FAILED = 64


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
    if isinstance(error, BulkWriteError) and _in_trouble(error):
        return True
    if isinstance(error, OperationFailure) and error.code in _SERVERS_OWN_TROUBLE:
        return True
    return isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError")
        or error.has_error_label("UnknownTransactionCommitResult")
        or error.has_error_label("RetryableWriteError")
    )


def refuses_a_document(error: BaseException) -> bool:
    """Tell whether an error is about what was to be written, and would be the same next time.

    A duplicate key is not: somebody else was faster, and the next look finds theirs. Nor is what a
    server says of each write because it stops or starts.
    """
    if unreachable(error):
        return False
    if isinstance(error, BulkWriteError):
        written = (error.details or {}).get("writeErrors", [])
        return any(one["code"] != _DUPLICATE_KEY for one in written)
    if isinstance(error, WriteError):
        return error.code != _DUPLICATE_KEY
    return isinstance(error, BSONError | OverflowError)


def only_duplicates(error: BulkWriteError) -> bool:
    """Tell whether all that failed of many writes failed for a key that is there already."""
    written = (error.details or {}).get("writeErrors", [])
    return bool(written) and all(one["code"] == _DUPLICATE_KEY for one in written)


def _in_trouble(error: BulkWriteError) -> bool:
    """Tell whether a write among many failed, or is not known to be safe, by the server's fault."""
    details = error.details or {}
    failed = [*details.get("writeErrors", []), *details.get("writeConcernErrors", [])]
    codes = {one.get("code") for one in failed}
    return not codes.isdisjoint(_SERVERS_OWN_TROUBLE | {_WRITE_CONCERN_FAILED})


async def ensure_indexes(db: Database, indexes: Mapping[str, Sequence[IndexModel]]) -> None:
    """Create what is missing; an index that differs from its declaration is an error."""
    for collection, models in indexes.items():
        await db[collection].create_indexes(list(models))
