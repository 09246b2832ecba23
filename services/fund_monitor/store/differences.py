"""Differences between statements and reports: documents with an owner, a clock and an end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final, Literal

from pymongo import InsertOne, UpdateOne

from services.fund_monitor.domain.reconciliation import Difference
from shared.audit.log import AuditLog, Entry, Who
from shared.errors import Conflict, NotFound
from shared.ids import id_from
from shared.mongo import Database, Row, Session, transact
from shared.working_days import Deadline

DIFFERENCES: Final = "differences"
State = Literal["open", "explained", "resolved", "closed"]
_TOLD: Final = ("kind", "stated_fen", "reported_fen")


class DifferenceNotFound(NotFound):
    """There is no such difference with this bank."""

    code: ClassVar[str] = "difference-not-found"
    title: ClassVar[str] = "没有这条对账差异"


class DifferenceEnded(Conflict):
    """The difference has been resolved, or the record no longer shows it."""

    code: ClassVar[str] = "difference-ended"
    title: ClassVar[str] = "该对账差异已经了结"


@dataclass(frozen=True, slots=True)
class Place:
    """The account and day that are compared, and the statement that says so."""

    bank: str
    account: str
    day: date
    statement: str

    @property
    def asked(self) -> Row:
        return {"account": self.account, "day": self.day.isoformat()}


class DifferenceStore:
    """The differences of all banks."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._rows = db[DIFFERENCES]
        self._audit = audit

    async def settle(
        self, place: Place, found: Iterable[Difference], *, due: Deadline, now: datetime
    ) -> None:
        """Make the differences of an account and day those that were found, and no others.

        A person's word on one stands while it is the same; one that is not found any more closes.
        """
        rows = {row["_id"]: row for row in (_row(place, one, due, now) for one in found)}

        async def write(session: Session) -> None:
            known = {row["_id"]: row async for row in self._rows.find(place.asked, session=session)}
            writes: list[Any] = [InsertOne(row) for key, row in rows.items() if key not in known]
            for key, row in known.items():
                change = _change(row, rows.get(key), place.statement, now)
                if change:
                    writes.append(UpdateOne({"_id": key}, {"$set": change}))
            if writes:
                await self._rows.bulk_write(writes, ordered=False, session=session)

        await transact(self._db, write)

    async def accounts_of(self, bank: str, day: date) -> list[str]:
        """Return the accounts that have differences of a day."""
        found: list[str] = await self._rows.distinct(
            "account", {"bank": bank, "day": day.isoformat()}
        )
        return found

    async def page(self, bank: str, asked: Row, *, after: str | None, limit: int) -> list[Row]:
        """Return a page of a bank's differences."""
        asked = {"bank": bank, **asked}
        if after is not None:
            asked["_id"] = {"$gt": after}
        return await self._rows.find(asked).sort("_id").limit(limit).to_list()

    async def answer(self, bank: str, key: str, said: Row, *, who: Who) -> Row:
        """Keep what a person says of a difference: an explanation, or that it is resolved."""

        async def write(session: Session) -> Row:
            row = await self._rows.find_one({"_id": key, "bank": bank}, session=session)
            if row is None:
                raise DifferenceNotFound(f"银行 {bank} 没有编号为 {key} 的对账差异")
            if row["state"] in ("resolved", "closed"):
                raise DifferenceEnded("差异已了结，不再接受说明")
            await self._rows.update_one({"_id": key}, {"$set": said}, session=session)
            await self._audit.record(_answered(row, said, who), session=session)
            return {**row, **said}

        return await transact(self._db, write)


def _row(place: Place, found: Difference, due: Deadline, now: datetime) -> Row:
    return {
        "_id": id_from(f"{place.account}|{place.day}|{found.key}"),
        "schema": 1,
        "bank": place.bank,
        **place.asked,
        "statement": place.statement,
        "line": found.line,
        "event": found.event,
        "kind": found.kind,
        "stated_fen": found.stated_fen,
        "reported_fen": found.reported_fen,
        "owner": "bank",
        "state": "open",
        "found_at": now,
        "due_at": due.at,
        "provisional": due.provisional,
    }


def _change(known: Row, found: Row | None, statement: str, now: datetime) -> Row:
    """Return what changes of a known difference now that it is found again, or is not."""
    if found is None:
        ended = known["state"] in ("closed", "resolved")
        return {} if ended else {"state": "closed", "ended_at": now, "ended_by": statement}
    if known["state"] != "closed" and all(known[name] == found[name] for name in _TOLD):
        return {}
    fresh = {name: found[name] for name in (*_TOLD, "statement", "due_at", "provisional")}
    return {**fresh, "state": "open", "found_at": now}


def _answered(row: Row, said: Row, who: Who) -> Entry:
    return Entry(
        action=f"difference.{said['state']}",
        about_kind="difference",
        about_id=row["_id"],
        who=who,
        why=said["reason"],
        details={"bank": row["bank"], "day": row["day"], "kind": row["kind"]},
    )
