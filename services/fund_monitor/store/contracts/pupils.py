"""What is known of each pupil's orders, kept so that a payment has one pupil looked at anew."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pymongo import DeleteOne, ReplaceOne

from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.over_collection import Order, PupilFacts
from services.fund_monitor.store.ledger.journal import positions_of
from services.fund_monitor.store.ledger.unallocated import allocations_of, deposits_of
from shared.mongo import Database, Row, Session

_ORDERS = ("deposit", "release", "refund", "allocation")

Pupil = tuple[str, str]
"""An institution's code and a pupil's name there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The facts that are kept of a pupil, and the accounts they rest on."""

    facts: PupilFacts
    accounts: frozenset[str]


class PupilStore:
    """Orders and facts of institutions' pupils, over all accounts of each together."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def names(self, accounts: Iterable[str], *, session: Session) -> set[str]:
        """Return the names under which anything was posted to some accounts."""
        rows = self._db["contract_positions"].find(
            positions_of(list(accounts)), {"pupils": 1, "account": 1}, session=session
        )
        return {name async for row in rows for name in _names(row)}

    async def orders(
        self, codes: Mapping[str, str], pupils: Iterable[Pupil], *, session: Session
    ) -> dict[Pupil, list[Order]]:
        """Return the orders that stand of some pupils; ``codes`` says whose each account is."""
        found: dict[Pupil, list[Order]] = {pupil: [] for pupil in pupils}
        if not found:
            return {}
        asked = {
            "name": {"$in": sorted({name for _, name in found})},
            "account": {"$in": list(codes)},
        }
        by_event: defaultdict[str, list[Row]] = defaultdict(list)
        undone: defaultdict[str, int] = defaultdict(int)
        async for row in self._db["entries"].find(asked, _NEEDED, session=session):
            if "reverses" in row:
                undone[row["reverses"]] += row["sign"]
            elif row["type"] in _ORDERS:
                by_event[row["event"]].append(row)
        standing = [
            rows[0]
            for event, rows in by_event.items()
            if sum(row["sign"] for row in rows) - undone[event] > 0 and _tells(rows[0])
        ]
        for row in await self._as_paid(standing, session):
            pupil = (codes[row["account"]], row["name"])
            if pupil in found:
                found[pupil].append(_order(row))
        return found

    async def _as_paid(self, standing: Sequence[Row], session: Session) -> list[Row]:
        """Return orders with money that was allocated under its contract, and not alone as well."""
        alone = [row["event"] for row in standing if row["name"] == row["event"]]
        allocated = await allocations_of(self._db, alone, session=session)
        given = [row for row in standing if row["type"] == "allocation"]
        deposits = await deposits_of(self._db, [row["event"] for row in given], session=session)
        orders = [
            row
            for row in standing
            if row["type"] != "allocation"
            and not ((found := allocated.get(row["event"])) and found.stands)
        ]
        for row in given:
            deposit = deposits[row["event"]]
            # A deposit that names its pupil counts under the same name already.
            if deposit["name"] != row["name"]:
                orders.append({**deposit, "name": row["name"], "pupil": row["pupil"]})
        return orders

    async def facts(self, codes: Iterable[str], *, session: Session) -> dict[Pupil, Kept]:
        """Return the kept facts of some institutions."""
        rows = self._db["pupil_facts"].find({"code": {"$in": list(codes)}}, session=session)
        return {
            (row["code"], row["name"]): Kept(_facts(row), frozenset(row["accounts"]))
            async for row in rows
        }

    async def keep(self, kept: Mapping[Pupil, Kept], *, session: Session) -> None:
        """Keep the facts of some pupils, or that there are none."""
        writes = [_write(*pupil, each) for pupil, each in kept.items()]
        if writes:
            await self._db["pupil_facts"].bulk_write(writes, ordered=False, session=session)


_NEEDED = (
    "account",
    "event",
    "type",
    "occurred_at",
    "sign",
    "name",
    "pupil",
    "reverses",
    "lessons",
    "period_from",
    "period_until",
)


def _names(row: Row) -> tuple[str, ...]:
    return tuple(row.get("pupils") or [row["_id"].removeprefix(f"{row['account']}|")])


def _tells(row: Row) -> bool:
    return "lessons" in row or "period_until" in row


def _order(row: Row) -> Order:
    return Order(
        row["event"],
        row["type"],
        row["occurred_at"],
        Decimal(row["lessons"]) if "lessons" in row else None,
        date.fromisoformat(row["period_from"]) if "period_from" in row else None,
        date.fromisoformat(row["period_until"]) if "period_until" in row else None,
        row.get("pupil"),
    )


def _write(code: str, name: str, kept: Kept) -> ReplaceOne[Row] | DeleteOne:
    key = f"{code}|{name}"
    if not kept.facts.months:
        return DeleteOne({"_id": key})
    row: Row = {
        "_id": key,
        "code": code,
        "name": name,
        "accounts": sorted(kept.accounts),
        "over": [_order_row(order) for order in kept.facts.over],
        "open": [
            {
                "month": month,
                "message": breach.message,
                "events": list(breach.events),
                "figures": breach.figures,
            }
            for month, breach in kept.facts.open_too_much
        ],
    }
    return ReplaceOne({"_id": key}, row, upsert=True)


def _order_row(order: Order) -> Row:
    row: Row = {"event": order.identity, "type": order.type, "occurred_at": order.occurred_at}
    if order.lessons is not None:
        row["lessons"] = str(order.lessons)
    for name in ("period_from", "period_until"):
        value: date | None = getattr(order, name)
        if value is not None:
            row[name] = value.isoformat()
    if order.pupil is not None:
        row["pupil"] = order.pupil
    return row


def _facts(row: Row) -> PupilFacts:
    return PupilFacts(
        tuple(_order(order) for order in row["over"]),
        tuple(
            (each["month"], Breach("red", each["message"], tuple(each["events"]), each["figures"]))
            for each in row["open"]
        ),
    )
