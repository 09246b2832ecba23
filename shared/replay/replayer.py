"""The loop that hands dead letters to the handler that refused them, as often as people ask."""

import asyncio
from datetime import timedelta

from pymongo import ASCENDING

from shared.clock import machine_now
from shared.dead_letters import DeadLetters, Letter, reason_of
from shared.ids import new_id
from shared.logs import log
from shared.mongo import Database, Row, unreachable

LEASE = timedelta(seconds=60)
# Less than the lease, so that no letter is handled twice at once.
HANDLING_SECONDS = 45.0
_POLL_SECONDS = 1.0
_AWAY_SECONDS = 5.0
_OUTCOMES_KEPT = 20


class Replayer:
    """Handles letters that were asked for again, one at a time and in the order of their stream.

    A worker that dies between the handler's commit and the mark has it handled once more; the
    handler's own identities make that a repeat without effect.
    """

    def __init__(self, db: Database, dead_letters: DeadLetters) -> None:
        self._rows = db["dead_letters"]
        self._dead_letters = dead_letters

    async def run(self) -> None:
        """Handle what is asked for until cancelled."""
        while True:
            try:
                busy = await self.run_one()
            except Exception as error:
                if not unreachable(error):
                    raise
                log.warning("replay.store_unreachable", error=repr(error)[:200])
                await asyncio.sleep(_AWAY_SECONDS)
                continue
            if not busy:
                await asyncio.sleep(_POLL_SECONDS)

    async def run_one(self) -> bool:
        """Lease one letter and hand it over; ``False`` when none is asked for."""
        row = await self._lease()
        if row is None:
            return False
        letter = _letter_of(row)
        handle = self._dead_letters.handlers[letter.durable]
        try:
            async with asyncio.timeout(HANDLING_SECONDS):
                await handle(letter)
        except Exception as error:
            if unreachable(error):
                raise
            log.warning("replay.failed_again", letter=letter.id, error=type(error).__name__)
            await self._mark(row, {"state": "failed"}, reason=reason_of(error))
            return True
        log.info("replay.done", letter=letter.id)
        await self._mark(row, {"state": "replayed"}, reason=None)
        return True

    async def _lease(self) -> Row | None:
        now = machine_now()
        return await self._rows.find_one_and_update(
            {
                "state": "asked",
                "due_at": {"$lte": now},
                "durable": {"$in": list(self._dead_letters.handlers)},
            },
            {"$set": {"due_at": now + LEASE, "lease": new_id()}},
            sort=[("due_at", ASCENDING), ("sequence", ASCENDING)],
            return_document=True,
        )

    async def _mark(self, row: Row, fields: Row, *, reason: str | None) -> None:
        outcome = {"at": machine_now(), "state": fields["state"], "reason": reason}
        await self._rows.update_one(
            {"_id": row["_id"], "lease": row["lease"], "state": "asked"},
            {
                "$set": {**fields, "lease": None, "due_at": None},
                "$push": {"outcomes": {"$each": [outcome], "$slice": -_OUTCOMES_KEPT}},
            },
        )


def _letter_of(row: Row) -> Letter:
    return Letter(
        durable=row["durable"],
        stream=row["stream"],
        sequence=row["sequence"],
        subject=row["subject"],
        body=row["body"],
    )
