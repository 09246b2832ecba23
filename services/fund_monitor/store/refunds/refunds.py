"""Refunds in MongoDB: one document each, with the steps it went through."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final

from pymongo import UpdateOne

from services.fund_monitor.domain.refunds.refund import Refund
from shared.errors import NotFound
from shared.mongo import Database, Row, Session

REFUNDS: Final = "refunds"
SCHEMA: Final = 1
_MOST_STEPS: Final = 100
_DATES: Final = ("requested_on", "answered_on", "paid_on", "returned_on")
_KEPT: Final = [name for name in Refund.__dataclass_fields__ if name not in ("id", *_DATES)]
_LATER_FIELDS: Final = ("stated_consumed_fen",)
"""Fields that a refund of an earlier day may be without."""


class RefundNotFound(NotFound):
    """There is no refund of this id."""

    code: ClassVar[str] = "refund-not-found"
    title: ClassVar[str] = "没有这个退费申请"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was said of a refund, or that the bank's events have made of it."""

    state: str
    at: datetime
    by_role: str
    by_office: str | None = None
    reason: str | None = None
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class RefundFile:
    """A refund with its steps, the first one first."""

    refund: Refund
    steps: Sequence[Step]


class RefundStore:
    """The refunds of fund_monitor."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = db[REFUNDS]

    async def of_contract(
        self, institution_id: str, contract_no: str, *, session: Session
    ) -> list[Refund]:
        """Return a contract's refunds; whoever asks for one more waits for whoever does so too."""
        # A write to the contract: of two requests at once the later one starts anew.
        await self._db["contracts"].update_one(
            {"institution_id": institution_id, "contract_no": contract_no},
            {"$inc": {"refund_requests": 1}},
            session=session,
        )
        asked = {"institution_id": institution_id, "contract_no": contract_no}
        return [refund_of_row(row) async for row in self._rows.find(asked, session=session)]

    async def of_institutions(
        self, institution_ids: Sequence[str], *, session: Session
    ) -> dict[str, list[Refund]]:
        """Return the refunds of some institutions."""
        found: defaultdict[str, list[Refund]] = defaultdict(list)
        asked = {"institution_id": {"$in": list(institution_ids)}}
        async for row in self._rows.find(asked, {"steps": 0}, session=session):
            found[row["institution_id"]].append(refund_of_row(row))
        return dict(found)

    async def find(self, refund_id: str, *, session: Session | None = None) -> RefundFile:
        """Return a refund with its steps."""
        row = await self._rows.find_one({"_id": refund_id}, session=session)
        if row is None:
            raise RefundNotFound(f"没有编号为 {refund_id} 的退费申请")
        return RefundFile(refund_of_row(row), [Step(**step) for step in row["steps"]])

    async def page(
        self, asked: Mapping[str, str], *, before: str | None, limit: int
    ) -> list[Refund]:
        """Return refunds, those asked for last first, from the one before ``before``."""
        query: Row = dict(asked)
        if before is not None:
            query["_id"] = {"$lt": before}
        rows = self._rows.find(query, {"steps": 0}).sort("_id", -1).limit(limit)
        return [refund_of_row(row) async for row in rows]

    async def add(self, refund: Refund, step: Step, *, session: Session) -> None:
        """Write a new refund with its first step."""
        row = {"_id": refund.id, "schema": SCHEMA, **_fields(refund), "steps": [asdict(step)]}
        await self._rows.insert_one(row, session=session)

    async def change(self, changes: Sequence[tuple[Refund, Step]], *, session: Session) -> None:
        """Write what has become of some refunds, and why."""
        writes = [
            UpdateOne(
                {"_id": refund.id},
                {
                    "$set": _fields(refund),
                    "$push": {"steps": {"$each": [asdict(step)], "$slice": -_MOST_STEPS}},
                },
            )
            for refund, step in changes
        ]
        if writes:
            await self._rows.bulk_write(writes, ordered=False, session=session)


def _fields(refund: Refund) -> Row:
    row = asdict(refund)
    del row["id"]
    for name in _DATES:
        row[name] = None if row[name] is None else row[name].isoformat()
    # Lists are asked for by it; it follows from the rest.
    row["state"] = refund.state
    return row


def refund_of_row(row: Row) -> Refund:
    """Return a stored refund."""
    given: dict[str, Any] = {
        name: row[name] for name in _KEPT if name in row or name not in _LATER_FIELDS
    }
    for name in _DATES:
        given[name] = None if row[name] is None else date.fromisoformat(row[name])
    return Refund(id=row["_id"], **given)
