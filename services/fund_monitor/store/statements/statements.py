"""Statements of banks: every version of a day's file with its lines, one of them current."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from services.fund_monitor.domain.statements.statement import Layout, Line
from services.fund_monitor.store.banks.banks import BANKS, BankNotFound, note_sent
from shared.audit.log import AuditLog, Entry, Who
from shared.city_time import city_date
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.mongo import Database, Row, Session, transact

STATEMENTS: Final = "statements"
LINES: Final = "statement_lines"
AROUND: Final = timedelta(days=7)
"""How far apart a bank's statement and its report may put the same money."""


class NoStatementLayout(Conflict):
    """The bank has not said yet what its columns are called."""

    code: ClassVar[str] = "no-statement-mapping"
    title: ClassVar[str] = "该银行尚未登记对账文件的列映射"


class StatementNotFound(NotFound):
    """No statement of this bank and day has been taken in."""

    code: ClassVar[str] = "statement-not-found"
    title: ClassVar[str] = "没有这一天的对账文件"


class StatementStore:
    """The statements of all banks, and how each bank writes them."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self.db = db
        self._rows = db[STATEMENTS]
        self._lines = db[LINES]
        self._audit = audit

    async def declare(self, bank: str, layout: Layout, *, who: Who) -> None:
        """Keep how a bank's files are laid out, from the next file on."""

        async def write(session: Session) -> bool:
            done = await self.db[BANKS].update_one(
                {"_id": bank}, {"$set": {"statement_layout": asdict(layout)}}, session=session
            )
            if done.modified_count:
                action = "bank.statement_mapping_declared"
                entry = Entry(action=action, about_kind="bank", about_id=bank, who=who)
                await self._audit.record(entry, session=session)
            return done.matched_count == 1

        if not await transact(self.db, write):
            raise BankNotFound(f"没有代码为 {bank} 的银行")

    async def layout(self, bank: str) -> Layout:
        """Return how a bank's files are laid out."""
        row = await self.db[BANKS].find_one({"_id": bank}, {"statement_layout": 1})
        if row is None:
            raise BankNotFound(f"没有代码为 {bank} 的银行")
        if "statement_layout" not in row:
            raise NoStatementLayout(f"请先登记银行 {bank} 的列映射（statement-mapping）")
        return Layout(**row["statement_layout"])

    async def of_digest(self, bank: str, day: date, digest: str) -> Row | None:
        """Return the version of a day that was taken from this very file."""
        return await self._rows.find_one({"bank": bank, "day": day.isoformat(), "digest": digest})

    async def knows_account(self, bank: str, account_nos: Sequence[str]) -> bool:
        """Tell whether any of some accounts was ever named by the bank's events."""
        keys = [f"{bank}|{account_no}" for account_no in account_nos]
        return await self.db["accounts"].find_one({"_id": {"$in": keys}}, {"_id": 1}) is not None

    async def has_accounts(self, bank: str) -> bool:
        """Tell whether the bank's events have named any account."""
        asked = {"_id": {"$gt": f"{bank}|", "$lt": f"{bank}}}"}}
        return await self.db["accounts"].find_one(asked, {"_id": 1}) is not None

    async def add_lines(self, bank: str, file: str, lines: Sequence[Line]) -> None:
        """Write some of a file's lines; nobody sees them before the statement itself is there.

        Each has its place in the file as its id: when a file is sent again after it broke off, what
        was written then is written over.
        """
        writes: list[Any] = [
            UpdateOne(
                {"_id": f"{file}|{line.row}"}, {"$set": _line_row(bank, file, line)}, upsert=True
            )
            for line in lines
        ]
        await self._lines.bulk_write(writes, ordered=False)

    async def add(self, bank: str, day: date, found: Row, *, who: Who, now: datetime) -> Row:
        """Make a file's lines the statement of its day; the version before stays, replaced."""
        of_day = {"bank": bank, "day": day.isoformat()}
        same = {**of_day, "digest": found["digest"]}

        async def write(session: Session) -> Row:
            await note_sent(self.db, bank, city_date(now), session=session)
            known = await self._rows.find_one(same, session=session)
            if known is not None:
                return known
            last = await self._rows.find_one(of_day, sort=[("version", -1)], session=session)
            row = {
                "_id": new_id(),
                "schema": 1,
                **of_day,
                **found,
                "version": 1 if last is None else last["version"] + 1,
                "current": True,
                "received_at": now,
                "stale": 0,
                "result": None,
            }
            await self._rows.update_many(
                {**of_day, "current": True}, {"$set": {"current": False}}, session=session
            )
            await self._rows.insert_one(row, session=session)
            # What stood on a neighbouring day by one side's count may be explained now.
            around = {"$gte": str(day - AROUND), "$lte": str(day + AROUND)}
            await self._rows.update_many(
                {"bank": bank, "current": True, "day": around},
                {"$inc": {"stale": 1}},
                session=session,
            )
            await self._audit.record(_taken(row, who), session=session)
            return row

        try:
            return await transact(self.db, write)
        except DuplicateKeyError:
            # Another file of this day came at once; it is there now.
            return await transact(self.db, write)

    async def find(self, bank: str, day: date) -> Row:
        """Return the current statement of a day."""
        row = await self._rows.find_one({"bank": bank, "day": day.isoformat(), "current": True})
        if row is None:
            raise StatementNotFound(f"银行 {bank} 没有 {day} 的对账文件")
        return row

    async def page(self, bank: str, *, before: str | None, limit: int) -> list[Row]:
        """Return a bank's statements with all their versions, the last received first."""
        asked: Row = {"bank": bank}
        if before is not None:
            asked["_id"] = {"$lt": before}
        return await self._rows.find(asked).sort("_id", -1).limit(limit).to_list()


def _line_row(bank: str, file: str, line: Line) -> Row:
    row: Row = {
        "file": file,
        "bank": bank,
        "account": f"{bank}|{line.account_no}",
        "row": line.row,
        "key": line.key,
        "serial_no": line.serial_no,
        "day": line.booked_on.isoformat(),
        "fen": line.fen,
    }
    if line.entry_no is not None:
        row["entry_no"] = line.entry_no
    if line.balance_after_fen is not None:
        row["balance_after_fen"] = line.balance_after_fen
    return row


def _taken(row: Row, who: Who) -> Entry:
    return Entry(
        action="statement.taken",
        about_kind="bank",
        about_id=row["bank"],
        who=who,
        details={
            "day": row["day"],
            "version": row["version"],
            "rows": row["rows"],
            "digest": row["digest"],
        },
    )
