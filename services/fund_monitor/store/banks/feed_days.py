"""Days of accounts whose balances are held against each other, and what each day hands on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.fund_monitor.domain.banks.feed_chain import Carried, Movement, ToldBalance
from services.fund_monitor.store.ledger.account_events import AccountEventStore
from services.fund_monitor.store.ledger.day_totals import day_totals
from shared.mongo import Database, Row, Session
from shared.working_days import end_of, start_of

DAYS: Final = "feed_days"
_MOST_UNPOSTED: Final = 1_000
_BODY: Final = {"body.balance_after_fen": 1, "body.feed_no": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDay:
    """What is recorded of an account's day, and of the account before it."""

    carried: Carried
    ours_fen: int
    movements: tuple[Movement, ...]
    told: tuple[ToldBalance, ...]
    unposted: tuple[datetime, ...]
    """When money events happened that we know and have not posted, up to the end of the day."""


class FeedDayStore:
    """Reads accounts day by day, and says which days wait to be looked at."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = db[DAYS]
        self._histories = AccountEventStore(db)

    async def stale(self) -> Row | None:
        """Return a day that waits, of an account's waiting days the earliest one."""
        some = await self._rows.find_one({"touched": {"$gt": 0}}, sort=[("touched", 1)])
        if some is None:
            return None
        asked = {"account": some["account"], "touched": {"$gt": 0}}
        return await self._rows.find_one(asked, sort=[("day", 1)]) or some

    async def read(self, account: str, day: date) -> AccountDay:
        """Return an account's day as it is recorded, all of it as of one moment."""
        async with self._db.client.start_session(snapshot=True) as session:
            movements = await self._movements(account, day, session)
            return AccountDay(
                carried=await self._carried(account, day, session),
                ours_fen=await self._ours(account, day, session),
                movements=tuple(movements),
                told=tuple(await self._told(account, day, session)),
                unposted=tuple(await self._unposted(account, day, session)),
            )

    async def is_open(self, account: str, moment: datetime) -> bool:
        """Tell whether an account was open at a moment."""
        standings = await self._histories.standings([account])
        return standings[account].is_open_at(moment)

    async def open_accounts(self, bank: str, moment: datetime) -> list[str]:
        """Return a bank's accounts that were open at a moment."""
        found = self._db["accounts"].find(
            {"_id": {"$gt": f"{bank}|", "$lt": f"{bank}}}"}}, {"_id": 1}
        )
        standings = await self._histories.standings([row["_id"] async for row in found])
        return [key for key, standing in standings.items() if standing.is_open_at(moment)]

    async def looked_at(self, row: Row, carried: Carried, ours_fen: int) -> None:
        """Keep what a day hands on; where that is news, the next day waits to be looked at.

        A day of which more was posted meanwhile waits again.
        """
        ends = {
            "fen": carried.fen,
            "event": carried.event,
            "at": carried.at,
            "ours_fen": ours_fen,
        }
        if row.get("ends") != ends:
            later = {"account": row["account"], "day": {"$gt": row["day"]}}
            following = await self._rows.find_one(later, {"_id": 1}, sort=[("day", 1)])
            if following is not None:
                await self._rows.update_one({"_id": following["_id"]}, {"$inc": {"touched": 1}})
        await self._rows.update_one(
            {"_id": row["_id"], "touched": row["touched"]}, {"$set": {"touched": 0, "ends": ends}}
        )

    async def _carried(self, account: str, day: date, session: Session) -> Carried:
        earlier = {"account": account, "day": {"$lt": day.isoformat()}, "ends": {"$exists": True}}
        row = await self._rows.find_one(earlier, sort=[("day", -1)], session=session)
        if row is None:
            return Carried()
        return Carried(row["ends"]["fen"], row["ends"]["event"], row["ends"]["at"])

    async def _ours(self, account: str, day: date, session: Session) -> int:
        known = await day_totals(self._db, [account], before=day, session=session)
        return sum(one.balance_fen for one in known.get(account, ()))

    async def _movements(self, account: str, day: date, session: Session) -> list[Movement]:
        asked = {"account": account, **_within(day)}
        entries = {
            row["event"]: row
            async for row in self._db["entries"].find(asked, session=session)
            if row["_id"] == row["event"] and _fen(row)
        }
        standing = {"_id": {"$in": list(entries)}, "state": "posted"}
        found = self._db["events"].find(standing, _BODY, session=session)
        return [_movement(entries[row["_id"]], row["body"]) async for row in found]

    async def _told(self, account: str, day: date, session: Session) -> list[ToldBalance]:
        asked = {"account": account, "type": "balance", "state": "posted", **_within(day)}
        found = self._db["events"].find(asked, session=session)
        return [
            ToldBalance(row["_id"], row["occurred_at"], row["body"]["balance_fen"])
            async for row in found
        ]

    async def _unposted(self, account: str, day: date, session: Session) -> Iterable[datetime]:
        asked = {"account": account, "state": {"$in": ["parked", "set_aside"]}}
        needed = {"occurred_at": 1, "body.amount_fen": 1}
        found = self._db["events"].find(asked, needed, session=session).limit(_MOST_UNPOSTED)
        until = end_of(day)
        return [
            row["occurred_at"]
            async for row in found
            if "amount_fen" in row["body"] and row["occurred_at"] < until
        ]


def _within(day: date) -> Row:
    return {"occurred_at": {"$gte": start_of(day), "$lt": end_of(day)}}


def _movement(entry: Row, body: Mapping[str, int]) -> Movement:
    return Movement(
        entry["event"],
        entry["occurred_at"],
        _fen(entry),
        body.get("balance_after_fen"),
        body.get("feed_no"),
    )


def _fen(entry: Row) -> int:
    return sum(line["fen"] for line in entry["lines"] if line["book"] == "bank")
