"""What checks found unlawful, in MongoDB: kept for longer than the receipts, and each once."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from typing import Final

from services.schedule_monitor.domain.timetables.receipt import Receipt
from services.schedule_monitor.domain.timetables.refusals import Refusal, RefusedClass
from shared.mongo import Database, Row, Session

_KEPT: Final = timedelta(days=1_461)
"""Four years: a finding rests on it for as long as a breach may be pursued (行政处罚法第36条)."""


class RefusalStore:
    """The refused classes of institutions, a document for each answer that said something new."""

    def __init__(self, db: Database) -> None:
        self._rows = db["refused_classes"]

    async def add(
        self, receipt: Receipt, institution_id: str, classes: Sequence[RefusedClass]
    ) -> None:
        """Keep what was refused; the same classes refused again add nothing."""
        if not classes:
            return
        rows = [_row(one) for one in classes]
        content = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
        kept: Row = {
            "institution_id": institution_id,
            "receipt_id": receipt.receipt_id,
            "asked_at": receipt.asked_at,
            "days": sorted({row["on"] for row in rows}),
            "classes": rows,
            "forget_at": receipt.asked_at + _KEPT,
        }
        key = {"_id": f"{institution_id}|{content}"}
        await self._rows.update_one(key, {"$setOnInsert": kept}, upsert=True)

    async def of_days(
        self, institution_id: str, days: Iterable[date], *, session: Session | None = None
    ) -> list[Refusal]:
        """Return an institution's refused classes of some days, each by its first receipt."""
        wanted = sorted(day.isoformat() for day in days)
        if not wanted:
            return []
        steps: list[Row] = [
            {"$match": {"institution_id": institution_id, "days": {"$in": wanted}}},
            # Of an answer about a whole term only these days are looked at.
            {"$unwind": "$classes"},
            {"$match": {"classes.on": {"$in": wanted}}},
            {"$sort": {"asked_at": 1, "receipt_id": 1}},
            {
                "$group": {
                    "_id": "$classes",
                    "receipt_id": {"$first": "$receipt_id"},
                    "asked_at": {"$first": "$asked_at"},
                }
            },
        ]
        found = await self._rows.aggregate(steps, session=session)
        return [
            Refusal(
                receipt_id=row["receipt_id"], asked_at=row["asked_at"], refused=_class(row["_id"])
            )
            async for row in found
        ]


def _row(one: RefusedClass) -> Row:
    row: Row = {
        "on": one.on.isoformat(),
        "start": one.start.isoformat(),
        "class_group": one.class_group,
        "rules": sorted(one.rules),
    }
    return row if one.course is None else {**row, "course": one.course}


def _class(row: Row) -> RefusedClass:
    return RefusedClass(
        on=date.fromisoformat(row["on"]),
        start=time.fromisoformat(row["start"]),
        class_group=row["class_group"],
        course=row.get("course"),
        rules=frozenset(row["rules"]),
    )
