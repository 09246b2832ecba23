"""Databases for tests: empty, and cheap, since those with the same purpose share its indexes."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.mongo import Database, connect


@asynccontextmanager
async def empty_database(url: str, *, purpose: str) -> AsyncIterator[Database]:
    """Yield the database of a purpose, without a document.

    Making a service's indexes takes longer than most tests, and the files of a dropped database
    stay open for minutes: a session of new ones takes all that a server may open, and it ends.
    """
    name = "t" + hashlib.sha256(purpose.encode()).hexdigest()[:8]
    client = connect(url, username=None, password=None, database=name)
    try:
        database = client[name]
        for collection in await database.list_collection_names():
            await database[collection].delete_many({})
        yield database
    finally:
        await client.close()
