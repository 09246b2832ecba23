"""What may be read of the books: balances at a moment, statements, and a contract's position."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final

from services.fund_monitor.domain.banks.identity import account_key
from services.fund_monitor.domain.ledger.journal import JournalEntry
from services.fund_monitor.store.ledger.day_totals import day_totals
from services.fund_monitor.store.ledger.journal import entry_of_row
from services.fund_monitor.store.ledger.records import AccountNotFound
from shared.city_time import city_date
from shared.errors import NotFound
from shared.mongo import Database, Row, Session
from shared.working_days import end_of, start_of

SUMS_OF_CONTRACT: Final = ("paid_fen", "released_fen", "refunded_fen", "returned_fen")


class PositionNotFound(NotFound):
    """Nothing has been posted under this contract's number."""

    code: ClassVar[str] = "position-not-found"
    title: ClassVar[str] = "该账户下没有此合同的资金"


@dataclass(frozen=True, slots=True)
class Sums:
    """A bank balance and the unconsumed value at a moment, in fen."""

    balance_fen: int
    unconsumed_fen: int

    def with_entry(self, entry: JournalEntry) -> "Sums":
        """Return what they are after an entry."""
        return Sums(
            self.balance_fen + entry.balance_fen, self.unconsumed_fen + entry.unconsumed_fen
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in the order in which things happened."""

    occurred_at: datetime
    entry: str


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Some entries of an account in the order in which they happened, and what was before them."""

    before: Sums
    entries: Sequence[Row]


class BookStore:
    """The read side of the journal."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def sums_at(self, bank: str, account_no: str, at: datetime) -> Sums:
        """Return what an account came to at a moment, that moment included."""
        key = await self._existing(bank, account_no)
        async with self._db.client.start_session(snapshot=True) as session:
            return await self._sums(key, city_date(at), {"occurred_at": {"$lte": at}}, session)

    async def statement(
        self,
        bank: str,
        account_no: str,
        *,
        span: tuple[date, date],
        after: Place | None,
        limit: int,
    ) -> StatementPage:
        """Return a page of an account's entries from one day to another, both included.

        ``after`` is the place of the entry that the page before ended with.
        """
        key = await self._existing(bank, account_no)
        first, last = span
        asked: Row = {
            "account": key,
            "occurred_at": {"$gte": start_of(first), "$lt": end_of(last)},
            **({} if after is None else {"$or": _behind(after)}),
        }
        async with self._db.client.start_session(snapshot=True) as session:
            found = self._db["entries"].find(asked, session=session)
            entries = await found.sort([("occurred_at", 1), ("_id", 1)]).limit(limit).to_list()
            if after is None:
                before = await self._sums_before(key, first, session)
            else:
                before = await self._sums(
                    key, city_date(after.occurred_at), {"$nor": _behind(after)}, session
                )
        return StatementPage(before, entries)

    async def position(self, bank: str, account_no: str, contract_no: str) -> Row:
        """Return what one contract was paid, released and refunded on an account."""
        key = f"{account_key(bank, account_no)}|{contract_no}"
        row = await self._db["contract_positions"].find_one({"_id": key})
        if row is None or "contract_no" not in row:
            raise PositionNotFound(f"账户 {account_no} 没有合同 {contract_no} 的资金记录")
        return row

    async def sums_of_contract(self, code: str, contract_no: str) -> dict[str, int]:
        """Return what a contract was paid, released and refunded over an institution's accounts."""
        opened = self._db["accounts"].find({"institution_code": code}, {"_id": 1})
        keys = [f"{row['_id']}|{contract_no}" async for row in opened]
        sums = dict.fromkeys(SUMS_OF_CONTRACT, 0)
        async for row in self._db["contract_positions"].find({"_id": {"$in": keys}}):
            for name in sums:
                sums[name] += row.get(name, 0)
        return sums

    async def entries_of_contract(self, position: Row, *, limit: int) -> list[Row]:
        """Return the newest entries of a contract, those that happened last first."""
        asked = {
            "name": {"$in": position["pupils"]},
            "account": position["account"],
            "contract_no": position["contract_no"],
        }
        found = self._db["entries"].find(asked).sort([("occurred_at", -1), ("_id", -1)])
        return await found.limit(limit).to_list()

    async def _existing(self, bank: str, account_no: str) -> str:
        key = account_key(bank, account_no)
        if await self._db["accounts"].find_one({"_id": key}, {"_id": 1}) is None:
            raise AccountNotFound(f"银行 {bank} 没有报送过账户 {account_no}")
        return key

    async def _sums_before(self, key: str, day: date, session: Session) -> Sums:
        """Add up whole days: however long an account runs, they are few."""
        known = await day_totals(self._db, [key], before=day, session=session)
        days = known.get(key, ())
        return Sums(sum(one.balance_fen for one in days), sum(one.unconsumed_fen for one in days))

    async def _sums(self, key: str, day: date, until: Row, session: Session) -> Sums:
        sums = await self._sums_before(key, day, session)
        # One bound narrows the index, the other tells where in the day to stop.
        of_day = {"account": key, "occurred_at": {"$gte": start_of(day), "$lt": end_of(day)}}
        async for row in self._db["entries"].find({"$and": [of_day, until]}, session=session):
            sums = sums.with_entry(entry_of_row(row))
        return sums


def _behind(place: Place) -> list[Row]:
    return [
        {"occurred_at": {"$gt": place.occurred_at}},
        {"occurred_at": place.occurred_at, "_id": {"$gt": place.entry}},
    ]
