"""Marks that say what must be judged again, each a row of its own, and the leases of judges.

Whoever changes the record only adds rows, so that it never waits for a judge and no judge undoes
it. A judge takes all rows of a thing together, and removes them when its judgement is committed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pymongo import ASCENDING, IndexModel, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from shared.clock import machine_now
from shared.ids import first_id_at, new_id
from shared.mongo import Database, Row, only_duplicates
from shared.telemetry.carried import MOST_TRACES

FROM_THE_BEGINNING = "0000-00"
MARK_INDEXES = {
    "to_judge": [IndexModel([("key", ASCENDING)], name="by_key")],
    "judging": [
        IndexModel(
            [("due_on", ASCENDING)],
            name="due",
            partialFilterExpression={"due_on": {"$type": "string"}},
        )
    ],
}
# Longer than a transaction may last.
_LEASE = timedelta(seconds=20)
_MOST_CAUSES = 20
# How much of the queue is looked through, and how many rows and names one judgement takes.
_MOST_LOOKED_AT: Final = 4_000
_MOST_ROWS: Final = 4_000
_MOST_NAMES: Final = 5_000
_AT_ONCE: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing to judge, from which month on, which events made it so, and in which traces.

    ``names`` says which parts of it have changed, where that is told; with ``everything`` all may
    have. Of those that are ``eased`` nothing new can be found: what was found may have ended.
    """

    kind: str
    id: str
    lease: str
    from_month: str = FROM_THE_BEGINNING
    causes: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    eased: frozenset[str] = frozenset()
    everything: bool = False
    rows: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}|{self.id}"


def mark(  # noqa: PLR0913 - a mark is no less
    kind: str,
    id: str,  # noqa: A002 - the thing's id
    month: str,
    causes: Sequence[str],
    traces: Sequence[str] = (),
    *,
    names: Iterable[str] = (),
    eased: Iterable[str] = (),
    everything: bool = False,
) -> InsertOne[Row]:
    """Return the write that marks a thing, to be part of the caller's transaction."""
    row: Row = {
        "_id": new_id(),
        "key": f"{kind}|{id}",
        "kind": kind,
        "id": id,
        "from_month": month,
        "causes": list(causes[-_MOST_CAUSES:]),
    }
    for field, told in (("names", names), ("eased", eased)):
        if some := sorted(told):
            row[field] = some
    if everything:
        row["everything"] = True
    if traces:
        row["traces"] = list(traces[:MOST_TRACES])
    return InsertOne(row)


class MarkStore:
    """What waits for judging."""

    def __init__(self, db: Database) -> None:
        self._marks = db["to_judge"]
        self._leases = db["judging"]

    async def lease(
        self, *, today: date, limit: int = 1, rested: timedelta = _AT_ONCE
    ) -> list[Mark]:
        """Take some things that are marked, or whose day has come, those that wait longest.

        A thing is left alone until its oldest mark has rested so long: what comes meanwhile is
        judged with it.
        """
        keys = await self._waiting(today, limit, rested)
        if not keys:
            return []
        lease = await self._taken(keys)
        mine = self._leases.find({"_id": {"$in": keys}, "lease": lease}, {"_id": 1})
        held = [row["_id"] async for row in mine]
        rows: dict[str, list[Row]] = {}
        found = self._marks.find({"key": {"$in": held}}).sort("_id", ASCENDING).limit(_MOST_ROWS)
        async for row in found:
            rows.setdefault(row["key"], []).append(row)
        for key in held:
            rows.setdefault(key, [])
        fitting = _fitting(rows)
        left = [key for key in held if key not in fitting]
        if left:
            await self._leases.update_many({"_id": {"$in": left}, "lease": lease}, _FREE)
        return [_mark_of(key, lease, some) for key, some in fitting.items()]

    async def judged(self, due: Mapping[Mark, date | None]) -> None:
        """Remove what led to judgements that are committed, and note when to look again.

        A judge that ends before this leaves them to be judged once more, which changes nothing.
        """
        rows = [row for mark in due for row in mark.rows]
        if rows:
            await self._marks.delete_many({"_id": {"$in": rows}})
        done = [mark for mark, day in due.items() if day is None]
        if done:
            held = {"lease": {"$in": list({mark.lease for mark in done})}}
            await self._leases.delete_many({"_id": {"$in": [mark.key for mark in done]}, **held})
        again = [_due(mark, day) for mark, day in due.items() if day is not None]
        if again:
            await self._leases.bulk_write(again, ordered=False)

    async def release(self, marks: Iterable[Mark]) -> None:
        """Give things back unjudged."""
        held = list({mark.lease for mark in marks})
        if held:
            await self._leases.update_many({"lease": {"$in": held}}, _FREE)

    async def waiting(self) -> int:
        """Count the things that are marked and not yet judged."""
        return len(await self._marks.distinct("key"))

    async def _waiting(self, today: date, limit: int, rested: timedelta) -> list[str]:
        now = machine_now()
        held = {"leased_until": {"$gt": now}}
        busy = {row["_id"] async for row in self._leases.find(held, {"_id": 1})}
        keys: dict[str, None] = {}
        asked = {"_id": {"$lt": first_id_at(now - rested)}} if rested else {}
        queue = self._marks.find(asked, {"key": 1}).sort("_id", ASCENDING).limit(_MOST_LOOKED_AT)
        async for row in queue:
            if row["key"] not in busy:
                keys[row["key"]] = None
            if len(keys) == limit:
                break
        due = {"due_on": {"$lte": today.isoformat()}}
        async for row in self._leases.find(due, {"_id": 1}).limit(limit):
            if row["_id"] not in busy and len(keys) < limit:
                keys[row["_id"]] = None
        return list(keys)

    async def _taken(self, keys: Sequence[str]) -> str:
        """Take those of some keys that nobody else holds; what is taken carries the lease."""
        lease, now = new_id(), machine_now()
        free = {"leased_until": {"$not": {"$gt": now}}}
        taken = {"$set": {"leased_until": now + _LEASE, "lease": lease}}
        try:
            await self._leases.bulk_write(
                [UpdateOne({"_id": key, **free}, taken, upsert=True) for key in keys],
                ordered=False,
            )
        except BulkWriteError as error:
            # Of what somebody else holds there is a row already, and it is not free.
            if not only_duplicates(error):
                raise
        return lease


def _fitting(rows: Mapping[str, Sequence[Row]]) -> dict[str, Sequence[Row]]:
    """Return whole things with their rows, as many as fit into one judgement; at least one.

    Of one that alone has too much, the rest stays and is judged next.
    """
    fitting: dict[str, Sequence[Row]] = {}
    names = 0
    for key, some in rows.items():
        room = 0
        for row in some:
            names += len(row.get("names", ())) + len(row.get("eased", ()))
            if names > _MOST_NAMES and (fitting or room):
                break
            room += 1
        if room < len(some) and fitting:
            break
        fitting[key] = some[:room]
        if room < len(some):
            break
    return fitting


_FREE: Final[Row] = {"$set": {"leased_until": None}, "$unset": {"lease": ""}}


def _due(mark: Mark, day: date) -> UpdateOne:
    return UpdateOne(
        {"_id": mark.key, "lease": mark.lease},
        {"$set": {"leased_until": None, "due_on": day.isoformat()}, "$unset": {"lease": ""}},
    )


def _mark_of(key: str, lease: str, rows: Sequence[Row]) -> Mark:
    kind, _, name = key.partition("|")
    causes = [cause for row in rows for cause in row["causes"]]
    traces = [trace for row in rows for trace in row.get("traces", ())]
    names = frozenset(name for row in rows for name in row.get("names", ()))
    eased = frozenset(name for row in rows for name in row.get("eased", ()))
    return Mark(
        kind,
        name,
        lease,
        min((row["from_month"] for row in rows), default=FROM_THE_BEGINNING),
        tuple(causes[-_MOST_CAUSES:]),
        # The first ones: the judge continues what made the thing wait.
        tuple(dict.fromkeys(traces))[:MOST_TRACES],
        names | eased,
        eased - names,
        any(row.get("everything", False) for row in rows),
        tuple(row["_id"] for row in rows),
    )
