"""Messages that no retry can fix, counted and kept for people to read and to hand over again."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from pydantic import ValidationError
from pymongo import ASCENDING, IndexModel

from shared.clock import machine_now
from shared.logs import masked_text
from shared.mongo import Database

CONTENT_FAILURES_ALLOWED = 5
_LONGEST_REASON = 500

DEAD_LETTER_INDEXES: Final = {
    "dead_letters": [
        IndexModel([("stream", ASCENDING), ("sequence", ASCENDING)], name="place"),
        IndexModel(
            [("due_at", ASCENDING), ("sequence", ASCENDING)],
            name="asked",
            partialFilterExpression={"state": "asked"},
        ),
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message that was set aside: who refused it, where it stands, and its bytes."""

    durable: str
    stream: str
    sequence: int
    subject: str
    body: bytes

    @property
    def id(self) -> str:
        return f"{self.stream}:{self.sequence}"


Handle: TypeAlias = Callable[[Letter], Awaitable[None]]
"""Handles a letter as its message was handled; it must bear a repeat, as every handler must."""


class DeadLetters:
    """The dead letters of one service, and the count of failures that leads to them."""

    def __init__(self, db: Database) -> None:
        self._letters = db["dead_letters"]
        self._failures = db["delivery_failures"]
        self.handlers: dict[str, Handle] = {}
        """By durable: what refused a letter is what it is handed to again."""

    async def count_failure(self, *, stream: str, sequence: int) -> int:
        """Count one failure of a message's content, while the store is in reach."""
        row = await self._failures.find_one_and_update(
            {"_id": f"{stream}:{sequence}"},
            {"$inc": {"failures": 1}, "$set": {"failed_at": machine_now()}},
            upsert=True,
            return_document=True,
        )
        return int(row["failures"]) if row else 1

    async def add(self, letter: Letter, error: Exception) -> None:
        """Keep a message with the reason; a repeat changes nothing."""
        await self._letters.update_one(
            {"_id": letter.id},
            {
                "$setOnInsert": {
                    "durable": letter.durable,
                    "stream": letter.stream,
                    "sequence": letter.sequence,
                    "subject": letter.subject,
                    "body": letter.body,
                    "digest": f"sha256:{hashlib.sha256(letter.body).hexdigest()}",
                    "reason": reason_of(error),
                    "set_aside_at": machine_now(),
                    "state": "set_aside",
                    "due_at": None,
                    "lease": None,
                    "outcomes": [],
                }
            },
            upsert=True,
        )


def _place(parts: tuple[int | str, ...]) -> str:
    # A field that nobody knows is named by its sender.
    return "/" + "/".join(str(part)[:32] for part in parts)


def reason_of(error: Exception) -> str:
    """Return why a message was refused, in words that staff may read: without its values."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        text = "；".join(f"{_place(one['loc'])}：{one['msg']}" for one in found[:10])
    else:
        text = str(error)
    return masked_text(f"{type(error).__name__}: {text}")[:_LONGEST_REASON]
