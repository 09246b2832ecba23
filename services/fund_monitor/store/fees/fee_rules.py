"""What offices decide in MongoDB: every version stays, the newest of each is current."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Final, Literal

from services.fund_monitor.domain.fees.fee_rules import FeeBook, FeePolicy, GuidePrice
from services.fund_monitor.domain.lessons.lesson_silence import LessonSilence
from shared.ids import new_id
from shared.mongo import Database, Row, Session

FEE_RULES: Final = "fee_rules"
SCHEMA: Final = 1
Kind = Literal["policy", "guide_price", "lesson_silence"]
Dated = FeePolicy | GuidePrice | LessonSilence
"""What offices decide from a day on."""
_OF_FEES: Final[tuple[Kind, ...]] = ("policy", "guide_price")
_KINDS: Final[dict[Kind, type[Dated]]] = {
    "policy": FeePolicy,
    "guide_price": GuidePrice,
    "lesson_silence": LessonSilence,
}
_MOST: Final = 1_000
_DATES: Final = ("effective_from", "effective_until")


@dataclass(frozen=True, slots=True)
class Decision:
    """One version of dated data: who decided it, why, and when by the service's clock."""

    id: str
    data: Dated
    office: str | None
    reason: str
    decided_at: datetime


class FeeRuleStore:
    """The dated data of the fee rules, and of how long silence runs."""

    def __init__(self, db: Database) -> None:
        self._rows = db[FEE_RULES]

    async def book(self, *, session: Session | None = None) -> FeeBook:
        """Return everything that is current of the fee rules."""
        asked = {"current": True, "kind": {"$in": list(_OF_FEES)}}
        found = self._rows.find(asked, session=session)
        rows = await found.sort("_id", 1).limit(_MOST).to_list()
        data = [_data(row) for row in rows]
        return FeeBook(
            tuple(one for one in data if isinstance(one, FeePolicy)),
            tuple(one for one in data if isinstance(one, GuidePrice)),
            # Ids rise with every change, and a change always makes a row current.
            edition=rows[-1]["_id"] if rows else "0",
        )

    async def silences(self, *, session: Session) -> list[LessonSilence]:
        """Return everything that is current of how long silence runs."""
        asked = {"current": True, "kind": "lesson_silence"}
        rows = await self._rows.find(asked, session=session).limit(_MOST).to_list()
        return [one for one in map(_data, rows) if isinstance(one, LessonSilence)]

    async def current(self, data: Dated, *, session: Session) -> Decision | None:
        """Return the newest version with the same beginning, and for the same mode."""
        row = await self._rows.find_one({"key": key_of(data), "current": True}, session=session)
        return None if row is None else _decision(row)

    async def put(self, decision: Decision, *, session: Session) -> None:
        """Write a version and make it the current one."""
        key = key_of(decision.data)
        await self._rows.update_one(
            {"key": key, "current": True}, {"$set": {"current": False}}, session=session
        )
        await self._rows.insert_one(
            {
                "_id": decision.id,
                "schema": SCHEMA,
                "kind": _kind(decision.data),
                "key": key,
                "current": True,
                "data": _stored(asdict(decision.data)),
                "version": decision.data.version,
                "office": decision.office,
                "reason": decision.reason,
                "decided_at": decision.decided_at,
            },
            session=session,
        )

    async def page(self, kind: Kind, *, before: str | None, limit: int) -> list[Decision]:
        """Return all versions, the newest first."""
        asked: Row = {"kind": kind}
        if before is not None:
            asked["_id"] = {"$lt": before}
        rows = self._rows.find(asked).sort("_id", -1).limit(limit)
        return [_decision(row) async for row in rows]

    async def decisions(self, kind: Kind) -> list[Decision]:
        """Return what is current, by its beginning."""
        found = self._rows.find({"kind": kind, "current": True})
        rows = found.sort([("data.effective_from", 1), ("_id", 1)]).limit(_MOST)
        return [_decision(row) async for row in rows]


def key_of(data: Dated) -> str:
    """Return what versions have in common: the beginning, and a mode or source."""
    about = getattr(data, "mode", None) or getattr(data, "source", None) or "all"
    return f"{_kind(data)}/{about}/{data.effective_from}"


def new_decision(data: Dated, *, office: str | None, reason: str, now: datetime) -> Decision:
    """Return a decision that has not been written yet."""
    return Decision(new_id(), data, office, reason, now)


def _kind(data: Dated) -> Kind:
    return next(kind for kind, of_kind in _KINDS.items() if isinstance(data, of_kind))


def _decision(row: Row) -> Decision:
    return Decision(row["_id"], _data(row), row["office"], row["reason"], row["decided_at"])


def _data(row: Row) -> Dated:
    kind: type[Dated] = _KINDS[row["kind"]]
    stored = row["data"]
    given: dict[str, Any] = {one.name: stored[one.name] for one in fields(kind)}
    for name in _DATES:
        given[name] = None if given[name] is None else date.fromisoformat(given[name])
    return kind(**given)


def _stored(given: Mapping[str, Any]) -> Row:
    dates = {name: given[name] for name in _DATES}
    return {
        **given,
        **{name: None if day is None else day.isoformat() for name, day in dates.items()},
    }
