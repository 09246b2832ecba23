"""The sealer: chains what lies unsealed, in batches, beside whoever writes."""

import asyncio
from typing import Final

from pymongo import UpdateOne

from shared.audit.chain import HEAD, HEADS, ROWS, beginning, sealed
from shared.clock import machine_now
from shared.logs import log
from shared.mongo import Database, Row, Session, transact, unreachable

BATCH: Final = 500
_POLL_SECONDS: Final = 1.0
_AWAY_SECONDS: Final = 5.0

WAITING: Final[Row] = {"sealed": False, "sequence": None}
"""What has no place yet. By state and not by id: a row of a slow transaction appears behind later
ones, and waits here all the same."""


class ChainSealer:
    """Gives every row of a service its place in the chain; several may run beside each other."""

    def __init__(self, db: Database, *, service: str) -> None:
        self._db = db
        self._rows = db[ROWS]
        self._heads = db[HEADS]
        self._beginning = beginning(service)

    async def run(self) -> None:
        """Seal until cancelled."""
        while True:
            try:
                done = await self.seal_once()
            except Exception as error:
                if not unreachable(error):
                    raise
                log.warning("audit.store_unreachable", error=repr(error)[:200])
                await asyncio.sleep(_AWAY_SECONDS)
                continue
            if done < BATCH:
                await asyncio.sleep(_POLL_SECONDS)

    async def seal_once(self) -> int:
        """Seal at most one batch of what waits, oldest ids first; return how many rows."""
        if await self._rows.find_one(WAITING, {"_id": 1}) is None:
            return 0
        # Outside the transaction, where a second one that does the same is no error. A chain whose
        # head was removed is not begun again: its first places are taken, and sealing fails aloud.
        first = {"sequence": 0, "hash": self._beginning}
        await self._heads.update_one({"_id": HEAD}, {"$setOnInsert": first}, upsert=True)
        return await transact(self._db, self._seal)

    async def _seal(self, session: Session) -> int:
        waiting = self._rows.find(WAITING, session=session).sort("_id").limit(BATCH)
        [head] = await self._heads.find({"_id": HEAD}, session=session).to_list()
        sequence, previous, now = head["sequence"], head["hash"], machine_now()
        writes = []
        async for row in waiting:
            sequence += 1
            link = sealed(row, sequence=sequence, previous=previous, at=now)
            previous = link["hash"]
            writes.append(_write(link))
        if not writes:
            return 0
        # Two sealers that read the same head both write it: one of them conflicts and reads again.
        await self._heads.update_one(
            {"_id": HEAD, "sequence": head["sequence"], "hash": head["hash"]},
            {"$set": {"sequence": sequence, "hash": previous}},
            session=session,
        )
        await self._rows.bulk_write(writes, session=session)
        return len(writes)


def _write(link: Row) -> UpdateOne:
    place = {name: link[name] for name in ("sequence", "previous", "sealed_at", "hash")}
    return UpdateOne({"_id": link["_id"], **WAITING}, {"$set": place, "$unset": {"sealed": ""}})
