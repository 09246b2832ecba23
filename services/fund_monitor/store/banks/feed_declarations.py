"""What banks have declared of their feeds: one declaration a bank and day on which it begins."""

from dataclasses import asdict
from datetime import date, time, timedelta
from typing import Any, Final

from services.fund_monitor.domain.banks.feed import FeedDeclaration
from services.fund_monitor.store.banks.banks import BANKS, BankNotFound
from shared.audit.log import AuditLog, Entry, Who
from shared.clock import machine_now
from shared.mongo import Database, Row, Session, transact

DECLARATIONS: Final = "feed_declarations"
FOLLOWED: Final = "feeds_followed"


class FeedDeclarationBook:
    """The read side: what each bank has declared."""

    def __init__(self, db: Database) -> None:
        self._rows = db[DECLARATIONS]

    async def of_bank(
        self, bank: str, *, session: Session | None = None
    ) -> tuple[FeedDeclaration, ...]:
        """Return a bank's declarations in the order in which they begin."""
        found = self._rows.find({"bank": bank}, session=session).sort("valid_from")
        return tuple([_declaration(row) async for row in found])


class FeedDeclarationStore:
    """Takes declarations."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._rows = db[DECLARATIONS]
        self._audit = audit

    async def declare(self, given: FeedDeclaration, *, who: Who) -> None:
        """Keep a declaration; all that the bank ever sent is held against it from the beginning."""
        row = _row(given)

        async def write(session: Session) -> None:
            if await self._db[BANKS].find_one({"_id": given.bank}, {"_id": 1}) is None:
                raise BankNotFound(f"没有代码为 {given.bank} 的银行")
            known = await self._rows.find_one({"_id": row["_id"]}, session=session)
            if known is not None and _declaration(known) == given:
                return
            stated = {**row, "declared_at": machine_now()}
            await self._rows.replace_one({"_id": row["_id"]}, stated, upsert=True, session=session)
            anew = {"$set": {"place": 0, "cleared": False}}
            await self._db[FOLLOWED].update_one(
                {"_id": given.bank}, anew, upsert=True, session=session
            )
            await self._audit.record(_entry(row, who), session=session)

        await transact(self._db, write)


def _row(given: FeedDeclaration) -> Row:
    day = given.valid_from.isoformat()
    until = given.balance_until
    return {
        **asdict(given),
        "_id": f"{given.bank}|{day}",
        "schema": 1,
        "valid_from": day,
        "balance_until": None if until is None else until.isoformat("minutes"),
        "grace": int(given.grace.total_seconds()) // 60,
    }


def _declaration(row: Row) -> FeedDeclaration:
    until = row["balance_until"]
    given: dict[str, Any] = {
        name: row[name]
        for name in (
            "bank",
            "numbering",
            "first_no",
            "balance_after",
            "balance_days",
            "silent_after_days",
        )
    }
    return FeedDeclaration(
        valid_from=date.fromisoformat(row["valid_from"]),
        balance_until=None if until is None else time.fromisoformat(until),
        grace=timedelta(minutes=row["grace"]),
        **given,
    )


def _entry(row: Row, who: Who) -> Entry:
    told = ("valid_from", "numbering", "first_no", "balance_after", "balance_days", "grace")
    return Entry(
        action="bank.feed_declared",
        about_kind="bank",
        about_id=row["bank"],
        who=who,
        details={name: row[name] for name in told},
    )
