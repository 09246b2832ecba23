"""What banks and staff may read of events, accounts and the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from shared.errors import NotFound
from shared.mongo import Database, Row


class AccountNotFound(NotFound):
    """No event of this bank has named this account."""

    code: ClassVar[str] = "account-not-found"
    title: ClassVar[str] = "没有这个账户"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded event as the door needs it."""

    digest: str
    feed_no: int | None = None


class RecordStore:
    """The read side of the ledger."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def recorded(self, identities: Sequence[str]) -> dict[str, Recorded]:
        """Return what is recorded already of those identities that are."""
        asked, needed = {"_id": {"$in": list(identities)}}, {"digest": 1, "body.feed_no": 1}
        found = self._db["events"].find(asked, needed)
        return {
            row["_id"]: Recorded(row["digest"], row["body"].get("feed_no")) async for row in found
        }

    async def events(self, bank: str, serial_no: str) -> list[Row]:
        """Return every event of a serial number with where it stands and what conflicts with it."""
        asked = {"bank": bank, "serial_no": serial_no}
        rows = [row async for row in self._db["events"].find(asked).sort("_id")]
        known = {row["_id"] for row in rows}
        unstorable = await self._db["unstorable"].find(asked).sort("_id").to_list()
        rows += [{**row, "state": "set_aside"} for row in unstorable if row["_id"] not in known]
        conflicts: dict[str, list[Row]] = {row["_id"]: [] for row in rows}
        async for row in self._db["conflicts"].find({"identity": {"$in": list(conflicts)}}):
            conflicts[row["identity"]].append(row)
        return [{**row, "conflicts": conflicts[row["_id"]]} for row in rows]

    async def account(self, bank: str, account_no: str) -> Row:
        """Return one account."""
        row = await self._db["accounts"].find_one({"_id": f"{bank}|{account_no}"})
        if row is None:
            raise AccountNotFound(f"银行 {bank} 没有报送过账户 {account_no}")
        return row

    async def of_state(self, bank: str, state: str, *, after: str, limit: int) -> list[Row]:
        """Return a page of a bank's parked or set-aside events, in order of identity."""
        asked = {"bank": bank, "state": state, "_id": {"$gt": after}}
        return await self._db["events"].find(asked).sort("_id").limit(limit).to_list()

    async def refused(self, bank: str, *, after: str, limit: int) -> list[Row]:
        """Return a page of what the door refused of a bank, each body once."""
        asked = {"bank": bank, "_id": {"$gt": after}}
        return await self._db["refused"].find(asked).sort("_id").limit(limit).to_list()

    async def outcomes(self) -> dict[str, int]:
        """Count identities by where they stand, distinct refused events and distinct conflicts."""
        counts = dict.fromkeys(("posted", "parked", "set_aside"), 0)
        async for row in await self._db["events"].aggregate(
            [{"$group": {"_id": "$state", "events": {"$sum": 1}}}]
        ):
            counts[row["_id"]] = row["events"]
        async for row in await self._db["unstorable"].aggregate(_UNRECORDED):
            counts["set_aside"] += row["events"]
        accepted = sum(counts.values())
        return {
            "accepted": accepted,
            **counts,
            "refused": await self._db["refused"].count_documents({}),
            "conflict": await self._db["conflicts"].count_documents({}),
        }

    async def ledger(self) -> tuple[int, int, bool]:
        """Return opened accounts, standing entries, and whether all of it balances to the fen."""
        accounts = {
            row["_id"]: row.get("balance_fen", 0)
            async for row in self._db["accounts"].find({"opened_by": {"$exists": True}})
        }
        entries, sound, balances = 0, True, dict[str, int]()
        async for row in await self._db["entries"].aggregate(_BY_ACCOUNT):
            entries += row["entries"]
            balances[row["_id"]] = row["bank"]
            sound = sound and row["all"] == 0 and row["unbalanced"] == 0
        same = all(accounts.get(key) == fen for key, fen in balances.items())
        still = all(fen == balances.get(key, 0) for key, fen in accounts.items())
        return len(accounts), entries, sound and same and still

    async def unsent(self) -> int:
        """Count the notices that wait to be published."""
        return await self._db["outbox"].count_documents({"sent_at": None})


_UNRECORDED: list[Row] = [
    {"$lookup": {"from": "events", "localField": "_id", "foreignField": "_id", "as": "kept"}},
    {"$match": {"kept": []}},
    {"$count": "events"},
]
_SUM_OF_LINES: Row = {"$sum": "$lines.fen"}
_BANK_LINES: Row = {
    "$sum": {
        "$map": {
            "input": {"$filter": {"input": "$lines", "cond": {"$eq": ["$$this.book", "bank"]}}},
            "in": "$$this.fen",
        }
    }
}
_BY_ACCOUNT: list[Row] = [
    {"$project": {"account": 1, "sign": 1, "all": _SUM_OF_LINES, "bank": _BANK_LINES}},
    {
        "$group": {
            "_id": "$account",
            "entries": {"$sum": "$sign"},
            "all": {"$sum": "$all"},
            "bank": {"$sum": "$bank"},
            "unbalanced": {"$sum": {"$cond": [{"$eq": ["$all", 0]}, 0, 1]}},
        }
    },
]
