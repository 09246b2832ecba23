"""Marks that say what must be judged again, leased by one judge at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pymongo import ASCENDING, IndexModel, UpdateOne

from shared.clock import machine_now
from shared.ids import new_id
from shared.mongo import Database, Row
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
    lease: str
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

    async def lease(self, *, today: date, limit: int = 1) -> list[Mark]:
        """Take some things that are marked, or whose day has come, those that wait longest."""
        now, lease = machine_now(), new_id()
        free = {
            "$and": [
                {"$or": [{"dirty": True}, {"due_on": {"$lte": today.isoformat()}}]},
                {"$or": [{"leased_until": None}, {"leased_until": {"$lt": now}}]},
            ]
        }
        waiting = self._marks.find(free, {"_id": 1}).sort("leased_until", ASCENDING).limit(limit)
        wanted = [row["_id"] async for row in waiting]
        if not wanted:
            return []
        await self._marks.update_many(
            {"_id": {"$in": wanted}, **free},
            {"$set": {"leased_until": now + _LEASE, "lease": lease}},
        )
        taken = self._marks.find({"_id": {"$in": wanted}, "lease": lease})
        return [_mark_of(row) async for row in taken]

    async def judged(self, due: Mapping[Mark, date | None]) -> None:
        """Clear marks whose judgement is committed; one marked again meanwhile stays marked.

        It is not part of that transaction: whoever posts writes marks all the time, and one of the
        two would be undone. A judge that ends in between leaves them to be judged once more.
        """
        writes: list[UpdateOne] = []
        for mark, day in due.items():
            key = f"{mark.kind}|{mark.id}"
            cleared: Row = {"dirty": False, "causes": [], "due_on": day and day.isoformat()}
            writes.append(
                UpdateOne(
                    {"_id": key, "version": mark.version},
                    {"$set": cleared, "$unset": {"from_month": "", "traces": ""}},
                )
            )
            writes.append(_released(mark))
        if writes:
            await self._marks.bulk_write(writes)

    async def release(self, marks: Iterable[Mark]) -> None:
        """Give marks back unjudged."""
        writes = [_released(mark) for mark in marks]
        if writes:
            await self._marks.bulk_write(writes, ordered=False)

    async def waiting(self) -> int:
        """Count what is marked and not yet judged."""
        return await self._marks.count_documents({"dirty": True})


def _released(mark: Mark) -> UpdateOne:
    held = {"_id": f"{mark.kind}|{mark.id}", "lease": mark.lease}
    return UpdateOne(held, {"$set": {"leased_until": None}, "$unset": {"lease": ""}})


def _mark_of(row: Row) -> Mark:
    return Mark(
        row["kind"],
        row["id"],
        row.get("from_month", FROM_THE_BEGINNING),
        tuple(row.get("causes", ())),
        row["version"],
        row["lease"],
        tuple(row.get("traces", ())),
    )
