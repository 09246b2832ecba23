"""Closings of the journal, and the journal in the order in which it was written."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import ClassVar

from services.fund_monitor.domain.ledger.closing import Closing, Recorded
from shared import outbox
from shared.contracts.fund import DAY_CLOSED, DayClosed
from shared.errors import NotFound
from shared.mongo import Database, Row, Session
from shared.outbox import Outgoing


class ClosingNotFound(NotFound):
    """The day has not been closed."""

    code: ClassVar[str] = "closing-not-found"
    title: ClassVar[str] = "该日尚未日结"


class ClosingStore:
    """The row of closings."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._rows = db["closings"]

    async def last(self) -> Closing | None:
        """Return the newest closing."""
        rows = await self._rows.find().sort("sequence", -1).limit(1).to_list()
        return _closing(rows[0]) if rows else None

    async def find(self, day: date) -> Closing:
        """Return the closing of a day."""
        row = await self._rows.find_one({"_id": day.isoformat()})
        if row is None:
            raise ClosingNotFound(f"{day} 没有日结记录")
        return _closing(row)

    async def page(self, *, before: int | None, limit: int) -> list[Closing]:
        """Return closings, newest first."""
        asked = {} if before is None else {"sequence": {"$lt": before}}
        found = self._rows.find(asked).sort("sequence", -1).limit(limit)
        return [_closing(row) async for row in found]

    async def every(self) -> AsyncIterator[tuple[Closing, str]]:
        """Give all closings with the hash that was kept of each, the first one first."""
        async for row in self._rows.find().sort("sequence", 1):
            yield _closing(row), row["hash"]

    async def recorded(self, *, after: str, until: str) -> AsyncIterator[Recorded]:
        """Give the entries of some postings, in the order of the journal."""
        asked = {"posting": {"$gte": after, "$lt": until}}
        async for row in self.db["entries"].find(asked).sort([("posting", 1), ("_id", 1)]):
            yield _recorded(row)

    async def add(self, closing: Closing, *, now: datetime, session: Session) -> bool:
        """Write a closing and announce it; ``False`` when its day is closed already."""
        known = await self._rows.find_one({"_id": closing.day.isoformat()}, session=session)
        if known is not None:
            return False
        await self._rows.insert_one(_row(closing), session=session)
        await outbox.enqueue(self.db, [_announced(closing)], session=session, now=now)
        return True


def _row(closing: Closing) -> Row:
    return {
        "_id": closing.day.isoformat(),
        "schema": 1,
        "sequence": closing.sequence,
        "closed_at": closing.closed_at,
        "until": closing.until,
        "entries": closing.entries,
        "late": closing.late,
        "books": [{"book": book, "fen": fen} for book, fen in closing.books],
        "digest": closing.digest,
        "previous": closing.previous,
        "hash": closing.hash,
    }


def _closing(row: Row) -> Closing:
    return Closing(
        day=date.fromisoformat(row["_id"]),
        sequence=row["sequence"],
        closed_at=row["closed_at"],
        until=row["until"],
        entries=row["entries"],
        late=row["late"],
        books=tuple((book["book"], book["fen"]) for book in row["books"]),
        digest=row["digest"],
        previous=row["previous"],
    )


def _recorded(row: Row) -> Recorded:
    return Recorded(
        row["_id"],
        row["account"],
        row["type"],
        row["occurred_at"],
        date.fromisoformat(row["day"]),
        row["posting"],
        tuple((line["book"], line["fen"]) for line in row["lines"]),
    )


def _announced(closing: Closing) -> Outgoing:
    day = closing.day.isoformat()
    return Outgoing(
        channel=DAY_CLOSED,
        key="day-closed",
        version=closing.sequence,
        tokens={"day": day},
        subject=day,
        data=DayClosed(
            day=closing.day,
            sequence=closing.sequence,
            closed_at=closing.closed_at,
            entries=closing.entries,
            late=closing.late,
            balance_fen=closing.balance_fen,
            hash=closing.hash,
        ),
    )
