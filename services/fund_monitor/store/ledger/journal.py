"""The journal in MongoDB: entries go in, with all that is kept of them in sums; none is changed.

Sums are kept of each account, of each account's city days, and of what each contract was paid,
released and refunded. They can all be counted again from the entries (``store/recount.py``).
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pymongo import InsertOne, UpdateOne

from services.fund_monitor.domain.ledger.booking import TOLD
from services.fund_monitor.domain.ledger.journal import JournalEntry, Move
from services.fund_monitor.store.ledger.day_totals import ACCOUNT_MONTHS, writes_of
from shared.city_time import city_date
from shared.ids import new_id
from shared.mongo import Database, Row, Session

SCHEMA = 2
Writes = dict[str, list[Any]]
_SUMS = {
    "deposit": "paid",
    "allocation": "paid",
    "release": "released",
    "refund": "refunded",
    "refund_returned": "returned",
}


class Effects:
    """What some entries add to the books, gathered so that each document is written once."""

    def __init__(self, posting: str) -> None:
        self._posting = posting
        self._entries: list[InsertOne[Row]] = []
        self.accounts: defaultdict[str, defaultdict[str, int]] = defaultdict(
            lambda: defaultdict(int)
        )
        self.days: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self.positions: dict[str, Position] = {}

    def add(self, entry: JournalEntry) -> None:
        """Take one entry in, to be written with its sums."""
        row = entry_row(entry, posting=self._posting)
        self._entries.append(InsertOne(row))
        self._count(entry, row["day"])

    def count(self, entry: JournalEntry) -> None:
        """Add one entry to the sums alone."""
        self._count(entry, city_date(entry.occurred_at).isoformat())

    def _count(self, entry: JournalEntry, day: str) -> None:
        balance, unconsumed = entry.balance_fen, entry.unconsumed_fen
        totals = self.accounts[entry.account]
        totals["balance_fen"] += balance
        totals["unconsumed_fen"] += unconsumed
        totals[f"by_type.{entry.type}"] += balance
        # Those that stand: a compensated pair counts for nothing.
        totals["entries"] += entry.sign
        sums = self.days[entry.account, day]
        sums[0] += balance
        sums[1] += unconsumed
        if entry.position is not None:
            key = f"{entry.account}|{entry.position}"
            position = self.positions.get(key)
            if position is None:
                position = self.positions[key] = Position(entry)
            position.add(entry)

    def writes(self) -> Writes:
        """Return every write but those to the accounts, which their owner makes with its own."""
        return {
            "entries": list(self._entries),
            ACCOUNT_MONTHS: writes_of(self.days),
            "contract_positions": [position.write(key) for key, position in self.positions.items()],
        }


class Journal:
    """Writes entries that no bank event has made: allocations, consumption, corrections."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def write(self, entries: Sequence[JournalEntry], *, session: Session) -> None:
        """Write entries with their sums in the caller's transaction; a repeat is a duplicate key.

        Raises pymongo's ``BulkWriteError`` when an entry of this event and turn is there already.
        """
        effects = Effects(new_id())
        for entry in entries:
            effects.add(entry)
        writes = effects.writes()
        writes["accounts"] = [
            UpdateOne({"_id": key}, {"$inc": {"version": 1, **totals}})
            for key, totals in effects.accounts.items()
        ]
        for collection, some in writes.items():
            if some:
                await self._db[collection].bulk_write(some, ordered=False, session=session)


class Position:
    """What some entries add to one contract's position."""

    def __init__(self, entry: JournalEntry) -> None:
        self._account = entry.account
        self._contract_no = entry.contract_no
        self._pupils: set[str] = set()
        self.sums: defaultdict[str, int] = defaultdict(int)

    def add(self, entry: JournalEntry) -> None:
        if entry.pupil is not None:
            self._pupils.add(entry.pupil)
        what = _SUMS.get(entry.reversed_type or entry.type)
        if what is None:
            return
        sign = entry.sign * (-1 if entry.reverses else 1)
        self.sums[f"{what}_fen"] += sign * entry.amount_fen
        lessons = entry.told.get("lessons")
        if lessons is not None:
            self.sums[f"{what}_lessons"] += sign * int(Decimal(str(lessons)) * 100)

    def write(self, key: str) -> UpdateOne:
        update: Row = {
            "$setOnInsert": {"account": self._account},
        }
        if self._contract_no is not None:
            update["$setOnInsert"]["contract_no"] = self._contract_no
        if self.sums:
            update["$inc"] = dict(self.sums)
        if self._pupils:
            update["$addToSet"] = {"pupils": {"$each": sorted(self._pupils)}}
        return UpdateOne({"_id": key}, update, upsert=True)


def positions_of(accounts: Sequence[str]) -> Row:
    """Return what finds the positions of some accounts: a key begins with its account's.

    No index of their accounts serves this: each new contract would pay for it, and it is rare.
    """
    ranges = [{"_id": {"$gte": f"{key}|", "$lt": f"{key}}}"}} for key in accounts]
    return {"$or": ranges} if ranges else {"_id": {"$in": []}}


def entry_row(entry: JournalEntry, *, posting: str) -> Row:
    """Return the document of an entry: its lines, which sum to zero, and what the rules ask."""
    row: Row = {
        "_id": entry.id,
        "schema": SCHEMA,
        "event": entry.event,
        "account": entry.account,
        "type": entry.type,
        "occurred_at": entry.occurred_at,
        "day": city_date(entry.occurred_at).isoformat(),
        "posting": posting,
        "sign": entry.sign,
        "amount_fen": entry.amount_fen,
        "lines": [{"book": line.book, "fen": line.fen} for line in entry.lines],
        **entry.told,
    }
    for name in ("name", "contract_no", "pupil", "reverses", "reversed_type"):
        value = getattr(entry, name)
        if value is not None:
            row[name] = value
    return row


def entry_of_row(row: Row) -> JournalEntry:
    """Return a written entry as it was given."""
    lines = row["lines"]
    moves = tuple(
        Move(first["book"], second["book"], first["fen"])
        if row["sign"] > 0
        else Move(second["book"], first["book"], first["fen"])
        for first, second in zip(lines[::2], lines[1::2], strict=True)
    )
    return JournalEntry(
        event=row["event"],
        account=row["account"],
        type=row["type"],
        occurred_at=row["occurred_at"],
        moves=moves,
        turn=0 if row["_id"] == row["event"] else int(row["_id"].rpartition("~")[2]),
        contract_no=row.get("contract_no"),
        pupil=row.get("pupil"),
        reverses=row.get("reverses"),
        reversed_type=row.get("reversed_type"),
        told={name: row[name] for name in TOLD if name in row},
    )
