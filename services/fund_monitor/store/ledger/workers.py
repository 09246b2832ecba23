"""Which worker processes live, and so which of them reads which partition of the intake.

Two that post to the same accounts at once undo each other's transactions: under load every event
was posted up to three times. Nothing is right or wrong by what stands here. Where two do not know
of each other yet, both read, and identities let each event count once.
"""

import asyncio
from datetime import timedelta
from typing import Final

from pymongo import ASCENDING, IndexModel

from shared.ids import new_id
from shared.logs import log
from shared.mongo import Database, Row, unreachable

LIVES: Final = timedelta(seconds=5)
_LOOK_SECONDS: Final = 1.0
_FORGOTTEN_SECONDS: Final = 60
WORKER_INDEXES: Final = {
    "workers": [
        IndexModel([("at", ASCENDING)], name="forgotten", expireAfterSeconds=_FORGOTTEN_SECONDS)
    ]
}
# By the store's clock alone: those of the workers' machines may differ.
_LIVING: Final[Row] = {
    "$expr": {"$gt": ["$at", {"$subtract": ["$$NOW", LIVES // timedelta(milliseconds=1)]}]}
}


class Workers:
    """This process among those that live; alone until it has looked."""

    def __init__(self, db: Database) -> None:
        self._rows = db["workers"]
        self._me = new_id()
        self._living = [self._me]

    def owns(self, partition: int) -> bool:
        """Tell whether a partition is this process's to read."""
        return self._living[partition % len(self._living)] == self._me

    async def run(self) -> None:
        """Say that this process lives, and see who else does, until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except Exception as error:
                    if not unreachable(error):
                        raise
                    log.warning("workers.store_unreachable", error=repr(error)[:200])
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            # Whoever ends in peace is missed at once.
            await self._rows.delete_one({"_id": self._me})

    async def look(self) -> None:
        """Say once that this process lives, and see who else does."""
        await self._rows.update_one({"_id": self._me}, {"$currentDate": {"at": True}}, upsert=True)
        living = {row["_id"] async for row in self._rows.find(_LIVING, {"_id": 1})}
        self._living = sorted(living | {self._me})
