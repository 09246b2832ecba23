"""Filings of custody accounts: each with its history and its mark, in one transaction."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import ClassVar

from pymongo.errors import DuplicateKeyError

from services.fund_monitor.domain.custody.custody import FiledAccount, Filing, OpeningFigure
from shared.errors import Conflict, NotFound
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Row, Session


class FilingNotFound(NotFound):
    """No account was filed under this id, or not for this caller."""

    code: ClassVar[str] = "custody-account-not-found"
    title: ClassVar[str] = "没有这份账户备案"


class FilingMoved(Conflict):
    """Somebody else changed the filing in the same moment."""

    code: ClassVar[str] = "custody-account-moved"
    title: ClassVar[str] = "备案刚刚被更改，请重新查询"


class FilingStore:
    """The filings by id; each version stays in the history."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._rows = db["custody_accounts"]
        self._history = db["custody_account_history"]

    async def get(self, account_id: str, *, session: Session | None = None) -> Filing:
        """Return one filing as it is now."""
        row = await self._rows.find_one({"_id": account_id}, session=session)
        if row is None:
            raise FilingNotFound(f"没有编号为 {account_id} 的账户备案")
        return filing_of(row)

    async def of_key(self, natural_key: str, *, session: Session) -> Filing | None:
        """Return the filing of an account, or of an institution that is paid afterwards."""
        row = await self._rows.find_one({"natural_key": natural_key}, session=session)
        return None if row is None else filing_of(row)

    async def of_institutions(
        self, institutions: Sequence[str], *, session: Session
    ) -> dict[str, list[Filing]]:
        """Return everything that each institution has filed, the oldest first."""
        asked = {"content.institution_id": {"$in": list(institutions)}}
        found: dict[str, list[Filing]] = {each: [] for each in institutions}
        async for row in self._rows.find(asked, session=session).sort("_id"):
            filing = filing_of(row)
            found[filing.content.institution_id].append(filing)
        return found

    async def confirmed(self) -> list[Filing]:
        """Return every confirmed filing."""
        return [filing_of(row) async for row in self._rows.find({"state": "confirmed"})]

    async def page(
        self, *, institutions: Sequence[str] | None, before: str | None, limit: int
    ) -> list[Filing]:
        """Return a page, newest first, of some institutions or of all."""
        asked: Row = {}
        if institutions is not None:
            asked["content.institution_id"] = {"$in": list(institutions)}
        if before is not None:
            asked["_id"] = {"$lt": before}
        rows = await self._rows.find(asked).sort("_id", -1).limit(limit).to_list()
        return [filing_of(row) for row in rows]

    async def history(self, account_id: str, *, limit: int) -> list[Filing]:
        """Return the latest versions of a filing, the newest first."""
        rows = self._history.find({"filing._id": account_id}).sort("filing.version", -1)
        return [filing_of(row["filing"]) async for row in rows.limit(limit)]

    async def write(self, filing: Filing, *, uscc: str, session: Session) -> None:
        """Write the next version of a filing, and have its institution judged anew."""
        row = _row_of(filing)
        try:
            done = await self._rows.replace_one(
                {"_id": filing.account_id, "version": filing.version - 1},
                row,
                upsert=filing.version == 1,
                session=session,
            )
        except DuplicateKeyError as error:
            raise FilingMoved("同一账户刚刚由他人备案") from error
        if done.matched_count == 0 and done.upserted_id is None:
            raise FilingMoved("备案在此期间已被更改")
        await self._history.insert_one(
            {"_id": f"{filing.account_id}|{filing.version:06d}", "filing": row}, session=session
        )
        cause = f"custody_account:{filing.account_id}:v{filing.version}"
        await self.db["to_judge"].bulk_write(
            [mark("institution", uscc, FROM_THE_BEGINNING, [cause])], session=session
        )


def _row_of(filing: Filing) -> Row:
    row = asdict(filing)
    row["_id"] = row.pop("account_id")
    row["filed_on"] = filing.filed_on.isoformat()
    return {**row, "schema": 1, "natural_key": filing.content.natural_key}


def filing_of(row: Row) -> Filing:
    """Return a filing as the domain knows it."""
    opening = row["opening"]
    return Filing(
        account_id=row["_id"],
        version=row["version"],
        content=FiledAccount(**row["content"]),
        filed_on=date.fromisoformat(row["filed_on"]),
        filed_at=row["filed_at"],
        state=row["state"],
        decided_at=row["decided_at"],
        reason=row["reason"],
        opening=None if opening is None else OpeningFigure(**opening),
    )
