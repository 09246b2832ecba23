"""The numbering of what banks are told: consecutive places, given after it was committed.

A place given by the writer would be seen out of order: a slow transaction commits a low one when
a reader has passed it. Here only what is committed gets a place, and one transaction after another
moves a bank's head, so whatever commits late comes after every place that was ever read.
"""

import asyncio
from typing import Final

from pymongo import UpdateOne

from services.fund_monitor.store.banks.told import Stream
from shared.logs import log
from shared.mongo import Database, Row, Session, transact, unreachable

BATCH: Final = 200
_POLL_SECONDS: Final = 0.5
_AWAY_SECONDS: Final = 5.0
_WAITING: Final[Row] = {"waiting": True}


class Numberer:
    """Gives all that a stream tells its place among its bank's; several may run at once."""

    def __init__(self, db: Database, stream: Stream) -> None:
        self._db = db
        self._stream = stream
        self._documents = db[stream.documents]
        self._heads = db[stream.heads]

    async def run(self) -> None:
        """Number until cancelled."""
        while True:
            try:
                done = await self.number_once()
            except Exception as error:
                if not unreachable(error):
                    raise
                log.warning(f"{self._stream.name}.store_unreachable", error=repr(error)[:200])
                await asyncio.sleep(_AWAY_SECONDS)
                continue
            if done < BATCH:
                await asyncio.sleep(_POLL_SECONDS)

    async def number_once(self) -> int:
        """Number at most one batch of documents, oldest ids first; return how many."""
        waiting = self._documents.find(_WAITING, {"bank": 1}).sort("_id").limit(BATCH)
        banks = {row["bank"] async for row in waiting}
        if not banks:
            return 0
        # Outside the transaction, where a second one that does the same is no error.
        for bank in sorted(banks):
            first = {"$setOnInsert": {"last": 0}}
            await self._heads.update_one({"_id": bank}, first, upsert=True)
        return await transact(self._db, lambda session: self._number(session, banks))

    async def _number(self, session: Session, banks: set[str]) -> int:
        heads = self._heads.find({"_id": {"$in": sorted(banks)}}, session=session)
        before = {head["_id"]: int(head["last"]) async for head in heads}
        last, writes = dict(before), []
        async for row in await self._documents.aggregate(self._waiting_of(banks), session=session):
            bank = row["bank"]
            first, last[bank] = last[bank] + 1, last[bank] + row["told"]
            place = {"$set": {"first": first, "last": last[bank]}, "$unset": {"waiting": ""}}
            writes.append(UpdateOne({"_id": row["_id"], **_WAITING}, place))
        moved = [
            UpdateOne({"_id": bank, "last": before[bank]}, {"$set": {"last": last[bank]}})
            for bank in sorted(banks)
            if last[bank] != before[bank]
        ]
        if not writes:
            return 0
        # Two that read the same head both write it: one of them conflicts and reads again.
        await self._heads.bulk_write(moved, session=session)
        await self._documents.bulk_write(writes, session=session)
        return len(writes)

    def _waiting_of(self, banks: set[str]) -> list[Row]:
        """Ask for what waits without its content, of which the number alone is needed."""
        return [
            {"$match": {**_WAITING, "bank": {"$in": sorted(banks)}}},
            {"$sort": {"_id": 1}},
            {"$limit": BATCH},
            {"$project": {"bank": 1, "told": {"$size": f"${self._stream.name}"}}},
        ]
