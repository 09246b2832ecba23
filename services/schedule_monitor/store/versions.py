"""Versions of one thing under one key: all stay, one is current."""

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.collection import AsyncCollection

from shared.mongo import Row, Session

VERSION_INDEXES = [
    IndexModel([("key", ASCENDING), ("version", DESCENDING)], name="one_per_version", unique=True),
    IndexModel([("current", ASCENDING), ("key", ASCENDING)], name="current"),
]


async def current_of(
    rows: AsyncCollection[Row], key: str, *, session: Session | None = None
) -> Row | None:
    """Return the current version under a key."""
    return await rows.find_one({"key": key, "current": True}, session=session)


async def put_version(
    rows: AsyncCollection[Row], key: str, version: int, row: Row, *, session: Session
) -> None:
    """Add a version and make it the current one, in the caller's transaction."""
    await rows.update_many(
        {"key": key, "current": True}, {"$set": {"current": False}}, session=session
    )
    marked = {"_id": f"{key}/{version}", "key": key, "version": version, "current": True}
    await rows.insert_one({**marked, **row}, session=session)
