"""What banks and staff may read of events, accounts and the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from services.fund_monitor.store.gathered import Gathered
from services.fund_monitor.store.ledger.day_totals import ACCOUNT_MONTHS, BALANCES
from services.fund_monitor.store.lessons.lesson_books import BOOKS, CONFIRMATIONS
from shared.errors import NotFound
from shared.mongo import Database, Row
from shared.outbox import unsent


class AccountNotFound(NotFound):
    """No event of this bank has named this account."""

    code: ClassVar[str] = "account-not-found"
    title: ClassVar[str] = "没有这个账户"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded event as the door needs it."""

    digest: str
    feed_no: int | None = None


@dataclass(frozen=True, slots=True)
class LessonSums:
    """Contracts of which lessons count, lessons in hundredths, and confirmations by state."""

    contracts: int
    counted: int
    stated: int
    objected: int


class RecordStore:
    """The read side of the ledger."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known = Gathered(self._recorded)

    async def recorded(self, identities: Sequence[str]) -> dict[str, Recorded]:
        """Return what is recorded already of those identities that are."""
        return await self._known.ask(identities)

    async def _recorded(self, identities: Sequence[str]) -> dict[str, Recorded]:
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
        counts = dict.fromkeys(STATES, 0)
        async for row in await self._db["accounts"].aggregate(_EVENTS_BY_STATE):
            counts = {state: row[state] for state in STATES}
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
        """Return opened accounts, standing entries, and whether the books agree to the fen.

        An account's balance, its days and its kinds of events are summed apart from each other.
        That they follow from the entries is counted again by ``./run books verify``; here no entry
        is read, however many there are.
        """
        async with self._db.client.start_session(snapshot=True) as session:
            rows = await self._db["accounts"].find({}, _SUMS, session=session).to_list()
            days = {
                row["_id"]: row["fen"]
                async for row in await self._db[ACCOUNT_MONTHS].aggregate(BALANCES, session=session)
            }
        agreed = all(
            row.get("balance_fen", 0)
            == sum(row.get("by_type", {}).values())
            == days.pop(row["_id"], 0)
            for row in rows
        )
        opened = sum("opened_by" in row for row in rows)
        return opened, sum(row.get("entries", 0) for row in rows), agreed and not any(days.values())

    async def lessons(self) -> LessonSums:
        """Sum up lessons that count, from what is kept of each contract."""
        contracts = counted = 0
        async for row in await self._db[BOOKS].aggregate(_LESSONS):
            contracts, counted = row["contracts"], row["counted"]
        open_ones = {
            state: await self._db[CONFIRMATIONS].count_documents({"state": state})
            for state in ("stated", "objected")
        }
        return LessonSums(contracts, counted, **open_ones)

    async def unsent(self) -> int:
        """Count the notices that wait to be published."""
        return await unsent(self._db)


_UNRECORDED: list[Row] = [
    {"$lookup": {"from": "events", "localField": "_id", "foreignField": "_id", "as": "kept"}},
    {"$match": {"kept": []}},
    {"$count": "events"},
]
STATES: Final = ("posted", "parked", "set_aside")
_EVENTS_BY_STATE: list[Row] = [
    {"$group": {"_id": None, **{state: {"$sum": f"${state}"} for state in STATES}}}
]
_LESSONS: list[Row] = [
    {"$group": {"_id": None, "contracts": {"$sum": 1}, "counted": {"$sum": "$counted"}}}
]
_SUMS: Final = {"balance_fen": 1, "by_type": 1, "entries": 1, "opened_by": 1}
