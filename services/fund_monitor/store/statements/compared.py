"""What reconciliation compares: lines of current statements, and the money that was reported."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from services.fund_monitor.domain.statements.reconciliation import Reported, Stated
from services.fund_monitor.store.statements.statements import AROUND, LINES, STATEMENTS
from shared.city_time import city_date
from shared.ids import first_id_at
from shared.mongo import Database, Row
from shared.working_days import end_of, start_of

SETTLED: Final = timedelta(seconds=30)
"""What was written longer ago than any transaction lasts: nothing is committed before it now."""
_FOLLOWED: Final = "reconciliation"
_BOOKING_LAG: Final = timedelta(days=1)
# Not a movement: the balance with which an account comes under supervision is on no statement.
_NO_MOVEMENT: Final = "opening_balance"


class ComparedStore:
    """The read side of reconciliation, and which statements wait to be compared."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._statements = db[STATEMENTS]

    async def stale(self) -> Row | None:
        """Return a current statement that waits to be compared, the longest waiting first."""
        return await self._statements.find_one(
            {"current": True, "stale": {"$gt": 0}}, sort=[("_id", 1)]
        )

    async def compared(self, statement: Row, result: Row, *, now: datetime) -> None:
        """Keep what the comparison found; a statement that changed meanwhile waits again."""
        await self._statements.update_one(
            {"_id": statement["_id"], "stale": statement["stale"]},
            {"$set": {"stale": 0, "result": result, "reconciled_at": now}},
        )

    async def accounts(self, statement: Row) -> set[str]:
        """Return the accounts that a statement names, and those that the bank has reported of."""
        bank = statement["bank"]
        named = await self._db[LINES].distinct("account", {"file": statement["file"]})
        of_bank = {"_id": {"$gt": f"{bank}|", "$lt": f"{bank}}}"}}
        known = [row["_id"] async for row in self._db["accounts"].find(of_bank, {"_id": 1})]
        return {*named, *known}

    async def lines(self, account: str, bank: str, day: date) -> list[Stated]:
        """Return an account's lines of a day and the days around it."""
        around = {"$gte": str(day - AROUND), "$lte": str(day + AROUND)}
        asked = {"bank": bank, "current": True, "day": around}
        files = [row["file"] async for row in self._statements.find(asked, {"file": 1})]
        found = self._db[LINES].find({"account": account, "file": {"$in": files}})
        return [
            Stated(row["key"], row["serial_no"], row["fen"], date.fromisoformat(row["day"]))
            async for row in found
        ]

    async def reported(self, account: str, day: date) -> list[Reported]:
        """Return an account's posted money events of a day and the days around it."""
        reach = AROUND + _BOOKING_LAG
        asked = {
            "account": account,
            "occurred_at": {"$gte": start_of(day - reach), "$lt": end_of(day + reach)},
            "type": {"$ne": _NO_MOVEMENT},
        }
        moved = {
            row["event"]: _moved(row)
            async for row in self._db["entries"].find(asked)
            if row["_id"] == row["event"] and _moved(row)
        }
        standing = self._db["events"].find({"_id": {"$in": list(moved)}, "state": "posted"})
        return [
            Reported(row["_id"], row["serial_no"], moved[row["_id"]], booked)
            async for row in standing
            if abs((booked := _booked(row)) - day) <= AROUND
        ]

    async def follow(self, *, machine_now: datetime) -> int:
        """Let statements wait again of which something was posted since; return how many."""
        until = first_id_at(machine_now - SETTLED)
        followed = self._db[_FOLLOWED]
        row = await followed.find_one({"_id": "journal"})
        marked = 0
        days = [] if row is None else await self._days()
        if row is not None and days:
            asked = {"posting": {"$gte": row["until"], "$lt": until}, "day": {"$in": days}}
            touched = {
                (found["_id"]["account"].partition("|")[0], found["_id"]["day"])
                async for found in await self._db["entries"].aggregate(
                    [{"$match": asked}, *_PLACES], hint="by_posting_and_day"
                )
            }
            marked = await self._mark(touched)
        await followed.update_one({"_id": "journal"}, {"$set": {"until": until}}, upsert=True)
        return marked

    async def _days(self) -> list[str]:
        """Return the days of which an entry may concern a current statement."""
        reach = (AROUND + _BOOKING_LAG).days
        days = await self._statements.distinct("day", {"current": True})
        found = {
            date.fromisoformat(day) + timedelta(days=apart)
            for day in days
            for apart in range(-reach, reach + 1)
        }
        return sorted(day.isoformat() for day in found)

    async def _mark(self, touched: Iterable[tuple[str, str]]) -> int:
        marked = 0
        reach = AROUND + _BOOKING_LAG
        for bank, text in sorted(touched):
            day = date.fromisoformat(text)
            around = {"$gte": str(day - reach), "$lte": str(day + reach)}
            done = await self._statements.update_many(
                {"bank": bank, "current": True, "day": around}, {"$inc": {"stale": 1}}
            )
            marked += done.modified_count
        return marked


# Answered from the index alone: no entry is read.
_PLACES: Final[list[Row]] = [
    {"$project": {"_id": 0, "account": 1, "day": 1}},
    {"$group": {"_id": {"account": "$account", "day": "$day"}}},
]


def _moved(entry: Row) -> int:
    return sum(line["fen"] for line in entry["lines"] if line["book"] == "bank")


def _booked(event: Row) -> date:
    told = event["body"].get("booked_on")
    return date.fromisoformat(told) if told else city_date(event["occurred_at"])
