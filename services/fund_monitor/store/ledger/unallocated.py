"""Deposits that wait for a contract, and the allocations that ended their waiting."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from pymongo import DeleteOne, ReplaceOne, UpdateOne

from services.fund_monitor.domain.ledger.allocation import (
    Allocation,
    deposit_of,
    waits_for_a_contract,
)
from services.fund_monitor.domain.ledger.journal import JournalEntry
from services.fund_monitor.domain.ledger.posting import Event
from services.fund_monitor.domain.rules.unallocated_money import Waiting
from services.fund_monitor.store.ledger.journal import Journal
from services.fund_monitor.store.rows import event_of
from shared.mongo import Database, Row, Session

WAITING: Final = "waiting_deposits"
ALLOCATIONS: Final = "allocations"
SCHEMA: Final = 1


class UnallocatedStore:
    """What waits on some accounts, and what has been allocated."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._journal = Journal(db)

    async def page(self, code: str, *, after: str, limit: int) -> list[Waiting]:
        """Return what waits for contracts of an institution, from the one after ``after``."""
        opened = self._db["accounts"].find({"institution_code": code}, {"_id": 1})
        accounts = [row["_id"] async for row in opened]
        asked = {"account": {"$in": accounts}, "_id": {"$gt": after}}
        rows = self._db[WAITING].find(asked).sort("_id", 1).limit(limit)
        return [_waiting(row) async for row in rows]

    async def waiting(
        self, accounts: Sequence[str], *, session: Session
    ) -> dict[str, list[Waiting]]:
        """Return what waits on some accounts, by account."""
        found: dict[str, list[Waiting]] = {}
        asked = {"account": {"$in": list(accounts)}}
        async for row in self._db[WAITING].find(asked, session=session):
            found.setdefault(row["account"], []).append(_waiting(row))
        return found

    async def deposit(self, identity: str, *, session: Session) -> tuple[Event, Row] | None:
        """Return a bank's event with its body."""
        row = await self._db["events"].find_one({"_id": identity}, session=session)
        return None if row is None else (event_of(row), row["body"])

    async def allocation(self, deposit: str, *, session: Session) -> Allocation | None:
        """Return the allocation of a deposit, whether or not it stands."""
        found = await allocations_of(self._db, [deposit], session=session)
        return found.get(deposit)

    async def allocate(self, deposit: Event, given: Allocation, *, session: Session) -> bool:
        """Write an allocation with its entry; ``False`` when the deposit does not wait.

        A reversal that is posted meanwhile touches the same account: one of the two starts anew.
        """
        taken = await self._db[WAITING].delete_one({"_id": deposit.identity}, session=session)
        if not taken.deleted_count:
            return False
        await self._journal.write([given.entry()], session=session)
        row = allocation_row(replace(given, turns=1))
        await self._db[ALLOCATIONS].insert_one(row, session=session)
        return True


class UnallocatedChanges:
    """What a posting changes of the deposits that wait, each written once."""

    def __init__(self, known: Mapping[str, Allocation]) -> None:
        self._allocations = dict(known)
        self._turned: set[str] = set()
        self._waiting: dict[str, Row | None] = {}

    def change(
        self, deposit: Event, body: Mapping[str, object], *, stands: bool
    ) -> JournalEntry | None:
        """Let a deposit begin to stand, or cease to; return what that makes of its allocation."""
        if not waits_for_a_contract(deposit):
            return None
        allocation = self._allocations.get(deposit.identity)
        if allocation is None:
            self._waiting[deposit.identity] = waiting_row(deposit, body) if stands else None
            return None
        if allocation.stands == stands:
            return None
        turned = replace(allocation, turns=allocation.turns + 1)
        self._allocations[deposit.identity] = turned
        self._turned.add(deposit.identity)
        return allocation.entry()

    def writes(self) -> dict[str, list[Any]]:
        """Return the writes to what waits and to the allocations."""
        return {
            WAITING: [_write(key, row) for key, row in self._waiting.items()],
            ALLOCATIONS: [
                UpdateOne({"_id": key}, {"$set": {"turns": self._allocations[key].turns}})
                for key in sorted(self._turned)
            ],
        }


async def allocations_of(
    db: Database, deposits: Sequence[str], *, session: Session
) -> dict[str, Allocation]:
    """Return the allocations of some deposits; asks nothing where there is nothing to ask."""
    if not deposits:
        return {}
    rows = db[ALLOCATIONS].find({"_id": {"$in": list(deposits)}}, session=session)
    return {row["_id"]: _allocation(row) async for row in rows}


async def deposits_of(db: Database, events: Iterable[str], *, session: Session) -> dict[str, Row]:
    """Return by the events of some allocations the entries of the deposits that they allocate.

    What was collected, was collected when it was paid, not when somebody said for what.
    """
    wanted = {deposit_of(event): event for event in events}
    if not wanted:
        return {}
    rows = db["entries"].find({"_id": {"$in": sorted(wanted)}}, session=session)
    return {wanted[row["_id"]]: row async for row in rows}


def _write(key: str, row: Row | None) -> DeleteOne | ReplaceOne[Row]:
    asked = {"_id": key}
    return DeleteOne(asked) if row is None else ReplaceOne(asked, row, upsert=True)


def waiting_row(deposit: Event, body: Mapping[str, object]) -> Row:
    """Return the document of a deposit that waits."""
    row = {
        "_id": deposit.identity,
        "schema": SCHEMA,
        "account": deposit.account,
        "occurred_at": deposit.occurred_at,
        "amount_fen": deposit.amount_fen,
    }
    return row | {name: body[name] for name in ("serial_no", "lessons") if name in body}


def allocation_row(allocation: Allocation) -> Row:
    """Return the document of an allocation."""
    row = asdict(allocation)
    return {"_id": row.pop("deposit"), "schema": SCHEMA, **row}


def _allocation(row: Row) -> Allocation:
    fields = {name: value for name, value in row.items() if name not in ("_id", "schema")}
    return Allocation(deposit=row["_id"], **fields)


def _waiting(row: Row) -> Waiting:
    return Waiting(
        row["_id"], row["account"], row["occurred_at"], row["amount_fen"], row.get("lessons")
    )
