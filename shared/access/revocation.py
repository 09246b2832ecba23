"""Tokens that hold no longer, though their time is not over: of one subject, or one token alone.

Each service keeps its own list. A process holds a copy and reads it again when a request finds it
older than a second: what is revoked is refused within two seconds, at one read a second at most.
While the store is out of reach the answer is 503, never a copy of unknown age.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Literal

from pymongo import ASCENDING, IndexModel

from shared.access.tokens import Caller
from shared.clock import machine_now, milliseconds
from shared.errors import Conflict, Unauthenticated
from shared.ids import new_id
from shared.mongo import Database, Row, Session

Kind = Literal["subject", "token"]

REVOCATION_INDEXES: Final = {
    "revocations": [
        IndexModel([("until", ASCENDING)], name="forgotten_after", expireAfterSeconds=0),
    ]
}
COPY_SECONDS: Final = 1.0
MOST_STANDING: Final = 10_000
_READ_MILLISECONDS = 5_000


class TooManyRevocations(Conflict):
    """The list is as long as a process may hold; tokens of a shorter life are the way out."""

    code: ClassVar[str] = "too-many-revocations"
    title: ClassVar[str] = "吊销记录过多"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """One subject or token that is refused until a moment."""

    id: str
    kind: Kind
    value: str
    reason: str
    until: datetime
    made_at: datetime


class Revocations:
    """The revocations of one service, and this process's copy of them."""

    def __init__(self, db: Database, *, copy_seconds: float = COPY_SECONDS) -> None:
        self._rows = db["revocations"]
        self._copy_seconds = copy_seconds
        self._copy: dict[tuple[str, str], datetime] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def refuse_revoked(self, caller: Caller) -> None:
        """Refuse a token that was revoked, or whose subject was."""
        await self._keep_fresh()
        now = machine_now()
        for name in (("subject", caller.subject), ("token", caller.token_id or "")):
            if self._copy.get(name, now) > now:
                raise Unauthenticated("令牌已被吊销")

    async def add(
        self, kind: Kind, value: str, *, reason: str, until: datetime, session: Session
    ) -> Revocation:
        """Revoke in the caller's transaction."""
        if await self._rows.count_documents({}, limit=MOST_STANDING) >= MOST_STANDING:
            raise TooManyRevocations(f"最多同时保留 {MOST_STANDING} 条吊销记录")
        made = Revocation(
            id=new_id(),
            kind=kind,
            value=value,
            reason=reason,
            until=milliseconds(until),
            made_at=milliseconds(machine_now()),
        )
        await self._rows.insert_one(_row_of(made), session=session)
        return made

    async def standing(self, *, after: str, limit: int) -> Sequence[Revocation]:
        """Return what is revoked now, oldest first, those after an id."""
        wanted: Row = {"_id": {"$gt": after}, "until": {"$gt": machine_now()}}
        found = self._rows.find(wanted, max_time_ms=_READ_MILLISECONDS)
        return [_revocation_of(row) async for row in found.sort("_id").limit(limit)]

    async def _keep_fresh(self) -> None:
        if time.monotonic() - self._read_at < self._copy_seconds:
            return
        async with self._reading:
            if time.monotonic() - self._read_at < self._copy_seconds:
                return
            began = time.monotonic()
            copy: dict[tuple[str, str], datetime] = {}
            fields = {"kind": 1, "value": 1, "until": 1}
            async for row in self._rows.find({}, fields, max_time_ms=_READ_MILLISECONDS):
                name = (row["kind"], row["value"])
                copy[name] = max(row["until"], copy.get(name, row["until"]))
            self._copy, self._read_at = copy, began


def _row_of(made: Revocation) -> Row:
    return {
        "_id": made.id,
        "kind": made.kind,
        "value": made.value,
        "reason": made.reason,
        "until": made.until,
        "made_at": made.made_at,
    }


def _revocation_of(row: Row) -> Revocation:
    return Revocation(
        id=row["_id"],
        kind=row["kind"],
        value=row["value"],
        reason=row["reason"],
        until=row["until"],
        made_at=row["made_at"],
    )
