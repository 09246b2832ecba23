"""Missing numbers of a bank's feed: each range a difference, however often it shrinks or splits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import DeleteOne, ReplaceOne, UpdateOne

from services.fund_monitor.domain.banks.feed_numbers import Gap, take
from services.fund_monitor.store.banks.difference_changes import Turn, tell
from services.fund_monitor.store.statements.difference_rows import NO_CLOCK
from services.fund_monitor.store.statements.differences import DIFFERENCES, DifferenceStore
from shared.city_time import city_date
from shared.ids import id_from
from shared.mongo import Database, Row, Session

HEADS: Final = "feed_heads"
_ENDED: Final = {"missing": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One count of a bank's numbers: of all its events, or of one account's."""

    name: str
    bank: str
    account: str | None
    first_no: int
    grace: timedelta


class FeedGapStore:
    """The highest number seen of each count, and what is missing below it."""

    def __init__(self, db: Database, differences: DifferenceStore) -> None:
        self._db = db
        self._heads = db[HEADS]
        self._rows = db[DIFFERENCES]
        self._differences = differences

    async def take(
        self, count: Count, numbers: set[int], *, now: datetime, session: Session
    ) -> None:
        """Take numbers that came, in the caller's transaction."""
        mine = {number for number in numbers if number >= count.first_no}
        if not mine:
            return
        head = await self._heads.find_one({"_id": count.name}, session=session)
        high = count.first_no - 1 if head is None else int(head["high"])
        known = await self._among(count, mine, session)
        taken = take(mine, high=high, gaps=[_gap(row) for row in known.values()])
        turns: list[Turn] = []
        writes: list[Any] = []
        for gap in taken.changed:
            row = known[gap.began]
            writes.append(UpdateOne({"_id": row["_id"]}, {"$set": _ends(gap)}))
            turns.append((row, {**row, **_ends(gap)}))
        for gap in taken.filled:
            row = known[gap.began]
            writes.append(_filled(row, now))
            turns.append((row, {**row, **_ended(row, now)}))
        for gap, origin in taken.fresh:
            row = (
                _row(count, gap, now) if origin is None else _split(count, gap, known[origin.began])
            )
            writes.append(ReplaceOne({"_id": row["_id"]}, row, upsert=True))
            turns.append((None, row))
        if writes:
            await self._rows.bulk_write(writes, ordered=False, session=session)
            await tell(self._db, turns, now=now, session=session)
            told = [row for row in known.values() if row["state"] != "waiting"]
            await self._differences.judge_again(count.bank, told, session)
        if taken.high != high:
            seen = {"$set": {"bank": count.bank, "high": taken.high}}
            await self._heads.update_one({"_id": count.name}, seen, upsert=True, session=session)

    async def _among(self, count: Count, numbers: set[int], session: Session) -> Mapping[int, Row]:
        """Return the gaps into which any of the numbers falls, by the number each began with."""
        asked = {
            "count": count.name,
            "missing": True,
            "first_no": {"$lte": max(numbers)},
            "last_no": {"$gte": min(numbers)},
        }
        ordered = sorted(numbers)
        found, place = dict[int, Row](), 0
        async for row in self._rows.find(asked, session=session).sort("first_no"):
            while place < len(ordered) and ordered[place] < row["first_no"]:
                place += 1
            if place < len(ordered) and ordered[place] <= row["last_no"]:
                found[row["began"]] = row
        return found


def _gap(row: Row) -> Gap:
    return Gap(row["began"], row["first_no"], row["last_no"])


def _ends(gap: Gap) -> Row:
    return {"first_no": gap.first, "last_no": gap.last}


def _row(count: Count, gap: Gap, now: datetime) -> Row:
    return {
        "_id": _id(count, gap),
        "schema": 1,
        "bank": count.bank,
        "account": count.account,
        "day": city_date(now).isoformat(),
        "kind": "feed_gap",
        "count": count.name,
        "began": gap.began,
        "missing": True,
        **_ends(gap),
        "event": None,
        "stated_fen": None,
        "reported_fen": None,
        "owner": "bank",
        "found_at": now,
        "state": "waiting",
        **NO_CLOCK,
        "ripe_at": now + count.grace,
    }


def _split(count: Count, gap: Gap, origin: Row) -> Row:
    """Return what a number in the middle left on its far side: of the same age and standing."""
    return {**origin, "_id": _id(count, gap), "began": gap.began, **_ends(gap)}


def _filled(row: Row, now: datetime) -> UpdateOne | DeleteOne:
    if row["state"] == "waiting":
        return DeleteOne({"_id": row["_id"]})
    return UpdateOne({"_id": row["_id"]}, {"$set": _ended(row, now), "$unset": _ENDED})


def _ended(row: Row, now: datetime) -> Row:
    # Nobody was told of what waits, nor needs to be told of what an office has resolved.
    state = {"state": "closed"} if row["state"] in ("open", "explained") else {}
    return {**state, "ended_at": now, "ended_by": "feed"}


def _id(count: Count, gap: Gap) -> str:
    return id_from(f"{count.name}|gap|{gap.began}")
