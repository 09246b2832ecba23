"""Marks that say what must be judged again, leased by one judge at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pymongo import ASCENDING, IndexModel, ReturnDocument, UpdateOne

from shared.clock import machine_now
from shared.ids import new_id
from shared.mongo import Database, Row, Session
from shared.telemetry.carried import MOST_TRACES

FROM_THE_BEGINNING = "0000-00"
MARK_INDEXES = {
    "to_judge": [IndexModel([("dirty", ASCENDING), ("leased_until", ASCENDING)], name="to_lease")]
}
_LEASE = timedelta(seconds=20)
_MOST_CAUSES = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing to judge, from which month on, which events made it so, and in which traces."""

    kind: str
    id: str
    from_month: str
    causes: tuple[str, ...]
    version: int
    traces: tuple[str, ...] = ()


def mark(
    kind: str,
    id: str,  # noqa: A002 - the thing's id
    month: str,
    causes: Sequence[str],
    traces: Sequence[str] = (),
) -> UpdateOne:
    """Return the write that marks a thing, to be part of the caller's transaction."""
    pushed: Row = {"causes": {"$each": list(causes), "$slice": -_MOST_CAUSES}}
    if traces:
        # The first ones: the judge continues what made the thing wait.
        pushed["traces"] = {"$each": list(traces), "$slice": MOST_TRACES}
    return UpdateOne(
        {"_id": f"{kind}|{id}"},
        {
            "$set": {"dirty": True, "kind": kind, "id": id},
            "$min": {"from_month": month},
            "$inc": {"version": 1},
            "$push": pushed,
        },
        upsert=True,
    )


class MarkStore:
    """What waits for judging."""

    def __init__(self, db: Database) -> None:
        self._marks = db["to_judge"]

    async def lease(self, *, today: date) -> Mark | None:
        """Take one thing that is marked, or whose day has come."""
        now = machine_now()
        row = await self._marks.find_one_and_update(
            {
                "$and": [
                    {"$or": [{"dirty": True}, {"due_on": {"$lte": today.isoformat()}}]},
                    {"$or": [{"leased_until": None}, {"leased_until": {"$lt": now}}]},
                ]
            },
            {"$set": {"leased_until": now + _LEASE, "lease": new_id()}},
            sort=[("leased_until", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        if row is None:
            return None
        return Mark(
            row["kind"],
            row["id"],
            row.get("from_month", FROM_THE_BEGINNING),
            tuple(row.get("causes", ())),
            row["version"],
            tuple(row.get("traces", ())),
        )

    async def judged(self, mark: Mark, *, due_on: date | None, session: Session) -> None:
        """Clear a mark in the judge's transaction, unless something was posted meanwhile."""
        due = None if due_on is None else due_on.isoformat()
        done = await self._marks.update_one(
            {"_id": f"{mark.kind}|{mark.id}", "version": mark.version},
            {
                "$set": {"dirty": False, "causes": [], "due_on": due, "leased_until": None},
                "$unset": {"from_month": "", "traces": ""},
            },
            session=session,
        )
        if done.matched_count == 0:
            await self.release(mark, session=session)

    async def release(self, mark: Mark, *, session: Session | None = None) -> None:
        """Give a mark back unjudged."""
        await self._marks.update_one(
            {"_id": f"{mark.kind}|{mark.id}"}, {"$set": {"leased_until": None}}, session=session
        )

    async def waiting(self) -> int:
        """Count what is marked and not yet judged."""
        return await self._marks.count_documents({"dirty": True})
