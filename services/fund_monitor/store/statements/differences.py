"""Differences of statements and feeds: documents with an owner, a clock and an end.

Whatever changes of one is told to its bank by the transaction that changes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Final

from pymongo import DeleteOne, InsertOne, UpdateOne

from services.fund_monitor.domain.rules.limits import EXPLAIN_WORKING_DAYS
from services.fund_monitor.domain.statements.reconciliation import Difference, Kind
from services.fund_monitor.store.banks.difference_changes import Turn, tell, tell_overdue
from services.fund_monitor.store.statements.difference_rows import (
    Place,
    changes_of,
    clock_of,
    row_of,
)
from shared.audit.log import AuditLog, Entry, Who
from shared.city_time import city_date, city_month
from shared.errors import Conflict, NotFound
from shared.marks import mark
from shared.mongo import Database, Row, Session, transact
from shared.working_days import Deadline, WorkingDays

DIFFERENCES: Final = "differences"
_MOST_AT_ONCE: Final = 500


class DifferenceNotFound(NotFound):
    """There is no such difference with this bank."""

    code: ClassVar[str] = "difference-not-found"
    title: ClassVar[str] = "没有这条对账差异"


class DifferenceEnded(Conflict):
    """The difference has been resolved, or the record no longer shows it."""

    code: ClassVar[str] = "difference-ended"
    title: ClassVar[str] = "该对账差异已经了结"


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
        An account may differ in every line of a statement: some are settled at a time.
        """
        rows = {row["_id"]: row for row in (row_of(place, one, due, now) for one in found)}
        known = [row["_id"] async for row in self._rows.find(place.asked, {"_id": 1})]
        keys = sorted({*rows, *known})
        for start in range(0, len(keys), _MOST_AT_ONCE):
            some = keys[start : start + _MOST_AT_ONCE]
            await self._settle(place, some, {key: rows[key] for key in some if key in rows}, now)

    async def _settle(
        self, place: Place, keys: Sequence[str], rows: Mapping[str, Row], now: datetime
    ) -> None:
        mine = {"_id": {"$in": list(keys)}, "kind": {"$in": list(place.kinds)}}

        async def write(session: Session) -> None:
            known = {row["_id"]: row async for row in self._rows.find(mine, session=session)}
            turns: list[Turn] = [(None, row) for key, row in rows.items() if key not in known]
            writes: list[Any] = [InsertOne(row) for _, row in turns]
            for key, row in known.items():
                if row["state"] == "waiting" and key not in rows:
                    writes.append(DeleteOne({"_id": key}))
                elif change := changes_of(row, rows.get(key), place.statement, now):
                    writes.append(UpdateOne({"_id": key}, {"$set": change}))
                    turns.append((row, {**row, **change}))
            if writes:
                await self._rows.bulk_write(writes, ordered=False, session=session)
                await tell(self._db, turns, now=now, session=session)
                await self.judge_again(place.bank, [*rows.values(), *known.values()], session)

        await transact(self._db, write)

    async def ripen(self, calendar: WorkingDays, *, ours: set[str], now: datetime) -> int:
        """Tell what has waited long enough for events that come late; return how many.

        From here on it is somebody's to explain, and its clock runs. What is missing of banks among
        ``ours`` may lie with us.
        """
        due = calendar.deadline(city_date(now), days=EXPLAIN_WORKING_DAYS)
        told = {**clock_of(due), "state": "open", "found_at": now}

        async def write(session: Session) -> int:
            ripe = {"state": "waiting", "ripe_at": {"$lte": now}}
            rows = await self._rows.find(ripe, session=session).limit(_MOST_AT_ONCE).to_list()
            turns: list[Turn] = []
            for row in rows:
                gap_of_ours = row["kind"] == "feed_gap" and row["bank"] in ours
                owner = "fund_monitor" if gap_of_ours else row["owner"]
                turns.append((row, {**row, **told, "owner": owner}))
            await self._take(turns, (*told, "owner"), now=now, session=session)
            return len(rows)

        return await transact(self._db, write)

    async def tell_overdue(self, *, now: datetime) -> int:
        """Tell banks which differences nobody has explained in time; return how many were told."""
        late: Row = {
            "state": "open",
            "told_overdue": False,
            "provisional": False,
            "due_at": {"$lte": now},
        }

        async def write(session: Session) -> int:
            rows = await self._rows.find(late, session=session).limit(_MOST_AT_ONCE).to_list()
            mine = {"_id": {"$in": [row["_id"] for row in rows]}}
            told = {"$set": {"told_overdue": True}}
            if rows:
                await self._rows.update_many(mine, told, session=session)
                await tell_overdue(self._db, rows, now=now, session=session)
            return len(rows)

        return await transact(self._db, write)

    async def close(self, bank: str, kinds: Sequence[Kind], *, by: str, now: datetime) -> None:
        """Close a bank's differences of some kinds, some at a time; a repeat goes on with them."""
        mine: Row = {
            "bank": bank,
            "kind": {"$in": list(kinds)},
            "state": {"$in": ["open", "explained"]},
        }
        ended = {"state": "closed", "ended_at": now, "ended_by": by}

        async def write(session: Session) -> int:
            rows = await self._rows.find(mine, session=session).limit(_MOST_AT_ONCE).to_list()
            turns: list[Turn] = [(row, {**row, **ended}) for row in rows]
            await self._take(turns, tuple(ended), now=now, session=session)
            return len(rows)

        while await transact(self._db, write):
            pass

    async def _take(
        self, turns: list[Turn], changed: Sequence[str], *, now: datetime, session: Session
    ) -> None:
        """Write some fields of known differences, tell their banks, have these judged again."""
        if not turns:
            return
        writes = [
            UpdateOne(
                {"_id": row["_id"]},
                {"$set": {name: row[name] for name in changed}, "$unset": {"ripe_at": ""}},
            )
            for _, row in turns
        ]
        await self._rows.bulk_write(writes, ordered=False, session=session)
        await tell(self._db, turns, now=now, session=session)
        for bank in {row["bank"] for _, row in turns}:
            mine = [row for _, row in turns if row["bank"] == bank]
            await self.judge_again(bank, mine, session)

    async def judge_again(self, bank: str, rows: Iterable[Row], session: Session) -> None:
        """Have a bank judged again of which some differences changed."""
        months = [city_month(row["found_at"]) for row in rows]
        if months:
            again = mark("bank", bank, min(months), [f"bank:{bank}"])
            await self._db["to_judge"].bulk_write([again], session=session)

    async def accounts_of(self, bank: str, day: date) -> list[str]:
        """Return the accounts that have differences of a day."""
        found: list[str] = await self._rows.distinct(
            "account", {"bank": bank, "day": day.isoformat()}
        )
        return found

    async def page(self, bank: str, asked: Row, *, after: str | None, limit: int) -> list[Row]:
        """Return a page of a bank's differences; those that wait only when they are asked for."""
        asked = {"bank": bank, "state": {"$ne": "waiting"}, **asked}
        if after is not None:
            asked["_id"] = {"$gt": after}
        return await self._rows.find(asked).sort("_id").limit(limit).to_list()

    async def answer(self, bank: str, key: str, said: Row, *, who: Who) -> Row:
        """Keep what a person says of a difference: an explanation, or that it is resolved."""

        async def write(session: Session) -> Row:
            row = await self._rows.find_one({"_id": key, "bank": bank}, session=session)
            if row is None or row["state"] == "waiting":
                raise DifferenceNotFound(f"银行 {bank} 没有编号为 {key} 的对账差异")
            if row["state"] in ("resolved", "closed"):
                raise DifferenceEnded("差异已了结，不再接受说明")
            await self._rows.update_one({"_id": key}, {"$set": said}, session=session)
            answered = {**row, **said}
            await tell(self._db, [(row, answered)], now=said["answered_at"], session=session)
            await self.judge_again(bank, [row], session)
            await self._audit.record(_answered(row, said, who), session=session)
            return answered

        return await transact(self._db, write)


def _answered(row: Row, said: Row, who: Who) -> Entry:
    return Entry(
        action=f"difference.{said['state']}",
        about_kind="difference",
        about_id=row["_id"],
        who=who,
        why=said["reason"],
        details={"bank": row["bank"], "day": row["day"], "kind": row["kind"]},
    )
