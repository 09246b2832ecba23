"""Lesson confirmations in MongoDB: one document each, with the steps it went through."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

from pymongo import InsertOne, UpdateOne

from services.fund_monitor.domain.lessons.confirmation import (
    ConfirmationNotFound,
    LessonConfirmation,
)
from services.fund_monitor.store.lessons.lesson_books import CONFIRMATIONS
from shared.mongo import Database, Row, Session

_SCHEMA: Final = 1
_CHANGING: Final = ("state", "by_silence", "counts_from", "version")
_FIELDS: Final = tuple(LessonConfirmation.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that was said of a confirmation: by whom, when and why."""

    state: str
    at: datetime
    by_role: str
    by_office: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmationFile:
    """A confirmation with what was said of it, the first thing first."""

    confirmation: LessonConfirmation
    steps: Sequence[Said]


class ConfirmationStore:
    """The confirmations of fund_monitor."""

    def __init__(self, db: Database) -> None:
        self._rows = db[CONFIRMATIONS]

    async def known(
        self, sender: str, references: Sequence[str], *, session: Session
    ) -> list[LessonConfirmation]:
        """Return what a sender has stated under some references."""
        asked = {"sender": sender, "reference": {"$in": list(references)}}
        found = self._rows.find(asked, {"steps": 0}, session=session)
        return [_confirmation(row) async for row in found]

    async def counts(
        self, institution_id: str, numbers: Sequence[str], *, session: Session
    ) -> dict[str, int]:
        """Return how many confirmations some contracts of an institution have."""
        pages: list[Row] = [
            {"$match": {"institution_id": institution_id, "contract_no": {"$in": list(numbers)}}},
            {"$group": {"_id": "$contract_no", "count": {"$sum": 1}}},
        ]
        rows = await self._rows.aggregate(pages, session=session)
        return {row["_id"]: row["count"] async for row in rows}

    async def find(
        self, confirmation_id: str, *, session: Session | None = None
    ) -> ConfirmationFile:
        """Return a confirmation with its steps."""
        row = await self._rows.find_one({"_id": confirmation_id}, session=session)
        if row is None:
            raise ConfirmationNotFound(f"没有编号为 {confirmation_id} 的消课确认")
        return ConfirmationFile(_confirmation(row), [Said(**step) for step in row["steps"]])

    async def silent(self, batch: str, *, limit: int, session: Session) -> list[LessonConfirmation]:
        """Return confirmations of one request that nobody has answered."""
        asked = {"batch": batch, "state": "stated"}
        rows = self._rows.find(asked, {"steps": 0}, session=session).limit(limit)
        return [_confirmation(row) async for row in rows]

    async def page(
        self, asked: Mapping[str, object], *, before: str | None, limit: int
    ) -> list[LessonConfirmation]:
        """Return confirmations, those stated last first, from the one before ``before``."""
        query: Row = dict(asked)
        if before is not None:
            query["_id"] = {"$lt": before}
        rows = self._rows.find(query, {"steps": 0}).sort("_id", -1).limit(limit)
        return [_confirmation(row) async for row in rows]

    async def add(self, new: Sequence[LessonConfirmation], said: Said, *, session: Session) -> None:
        """Write new confirmations, each with its first step."""
        writes = [InsertOne(_row(one) | {"steps": [asdict(said)]}) for one in new]
        if writes:
            await self._rows.bulk_write(writes, session=session)

    async def change(
        self, changed: Sequence[LessonConfirmation], said: Said, *, session: Session
    ) -> None:
        """Write what has become of some confirmations, and why."""
        writes = [
            UpdateOne({"_id": one.id}, {"$set": _standing(one), "$push": {"steps": asdict(said)}})
            for one in changed
        ]
        if writes:
            await self._rows.bulk_write(writes, ordered=False, session=session)


def _row(confirmation: LessonConfirmation) -> Row:
    row = asdict(confirmation)
    row["silence_from"] = row["silence_from"].isoformat()
    return {"_id": row.pop("id"), "schema": _SCHEMA, **row}


def _standing(confirmation: LessonConfirmation) -> Row:
    return {name: getattr(confirmation, name) for name in _CHANGING}


def _confirmation(row: Row) -> LessonConfirmation:
    given = {name: row[name] for name in _FIELDS if name != "id"}
    given["silence_from"] = date.fromisoformat(given["silence_from"])
    return LessonConfirmation(id=row["_id"], **given)
