"""Messages that no retry can fix, counted and kept for people to read."""

from shared.clock import machine_now
from shared.mongo import Database

CONTENT_FAILURES_ALLOWED = 5


class DeadLetters:
    """The dead letters of one service, and the count of failures that leads to them."""

    def __init__(self, db: Database) -> None:
        self._letters = db["dead_letters"]
        self._failures = db["delivery_failures"]

    async def count_failure(self, *, stream: str, sequence: int) -> int:
        """Count one failure of a message's content, while the store is in reach."""
        row = await self._failures.find_one_and_update(
            {"_id": f"{stream}:{sequence}"},
            {"$inc": {"failures": 1}, "$set": {"failed_at": machine_now()}},
            upsert=True,
            return_document=True,
        )
        return int(row["failures"]) if row else 1

    async def add(
        self, *, stream: str, sequence: int, subject: str, body: bytes, reason: str
    ) -> None:
        """Keep a message with the reason; a repeat changes nothing."""
        await self._letters.update_one(
            {"_id": f"{stream}:{sequence}"},
            {
                "$setOnInsert": {
                    "subject": subject,
                    "body": body,
                    "reason": reason,
                    "set_aside_at": machine_now(),
                }
            },
            upsert=True,
        )
