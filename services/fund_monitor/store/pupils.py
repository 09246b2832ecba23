"""What is known of each pupil's orders, kept so that a payment has one pupil looked at anew."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pymongo import DeleteOne, ReplaceOne

from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.over_collection import Order, PupilFacts
from shared.mongo import Database, Row, Session

_ORDERS = ("deposit", "release", "refund")
_MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Changed:
    """Positions of which something was posted since they were last looked at, and whose they are.

    A name is a pupil's, or of a payment without one its identity.
    """

    positions: tuple[str, ...]
    names: tuple[str, ...]
    more: bool


class PupilStore:
    """Orders and facts of an institution's pupils, over all its accounts together."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def changed(self, accounts: Sequence[str], *, session: Session) -> Changed:
        """Return some of the positions that have changed; the rest waits for the next look."""
        rows = (
            await self._db["contract_positions"]
            .find({"account": {"$in": list(accounts)}, "dirty": True}, session=session)
            .limit(_MOST_AT_ONCE + 1)
            .to_list()
        )
        some = rows[:_MOST_AT_ONCE]
        names = {name for row in some for name in _names(row)}
        return Changed(tuple(row["_id"] for row in some), tuple(names), len(rows) > len(some))

    async def orders(
        self, accounts: Sequence[str], names: Sequence[str], *, session: Session
    ) -> dict[str, list[Order]]:
        """Return the orders that stand, by pupil's name; those of a pupil without any are none."""
        asked = {"account": {"$in": list(accounts)}, "name": {"$in": list(names)}}
        by_event: defaultdict[str, list[Row]] = defaultdict(list)
        undone: defaultdict[str, int] = defaultdict(int)
        async for row in self._db["entries"].find(asked, _NEEDED, session=session):
            if "reverses" in row:
                undone[row["reverses"]] += row["sign"]
            elif row["type"] in _ORDERS:
                by_event[row["event"]].append(row)
        found: dict[str, list[Order]] = {name: [] for name in names}
        for event, rows in by_event.items():
            stands = sum(row["sign"] for row in rows) - undone[event] > 0
            if stands and _tells(rows[0]):
                found[rows[0]["name"]].append(_order(rows[0]))
        return found

    async def facts(self, code: str, *, session: Session) -> dict[str, tuple[PupilFacts, set[str]]]:
        """Return the kept facts of an institution by name, with the accounts they rest on."""
        rows = self._db["pupil_facts"].find({"code": code}, session=session)
        return {row["name"]: (_facts(row), set(row["accounts"])) async for row in rows}

    async def keep(
        self,
        code: str,
        facts: Mapping[str, PupilFacts],
        *,
        accounts: Sequence[str],
        positions: Iterable[str],
        session: Session,
    ) -> None:
        """Keep the facts of some pupils, or that there are none, and clear their positions."""
        writes = [_write(code, name, each, accounts) for name, each in facts.items()]
        if writes:
            await self._db["pupil_facts"].bulk_write(writes, ordered=False, session=session)
        cleared = list(positions)
        if cleared:
            await self._db["contract_positions"].update_many(
                {"_id": {"$in": cleared}}, {"$set": {"dirty": False}}, session=session
            )


_NEEDED = (
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


def _names(row: Row) -> Sequence[str]:
    name: str = row["_id"].removeprefix(f"{row['account']}|")
    return row.get("pupils") or [name]


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


def _write(
    code: str, name: str, facts: PupilFacts, accounts: Sequence[str]
) -> ReplaceOne[Row] | DeleteOne:
    key = f"{code}|{name}"
    if not facts.months:
        return DeleteOne({"_id": key})
    row: Row = {
        "_id": key,
        "code": code,
        "name": name,
        "accounts": list(accounts),
        "over": [_order_row(order) for order in facts.over],
        "open": [
            {
                "month": month,
                "message": breach.message,
                "events": list(breach.events),
                "figures": breach.figures,
            }
            for month, breach in facts.open_too_much
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
