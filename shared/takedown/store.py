"""Requests in MongoDB: one document each, written whole, with its timer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar, Final

from pydantic import TypeAdapter
from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.errors import Conflict
from shared.mongo import Database, Row, Session
from shared.takedown.changes import TakedownNotFound
from shared.takedown.model import WAITING, WATCHED, State, Takedown
from shared.timers import Period, Timer, clear_timer, set_timer
from shared.working_days import WorkingDays

TAKEDOWNS: Final = "takedowns"
TAKEDOWN_TIMER: Final = "takedown"
TAKEDOWN_INDEXES: Final = {
    TAKEDOWNS: [
        IndexModel([("parties", ASCENDING), ("_id", DESCENDING)], name="of_party"),
        IndexModel([("recipient.code", ASCENDING), ("_id", DESCENDING)], name="of_recipient"),
    ]
}
_SCHEMA: Final = 1
_MODEL: Final = TypeAdapter(Takedown)
# Who owes an answer and let the deadline pass: as ``Takedown.overdue`` says it.
_OVERDUE: Final[Row] = {"state": {"$in": list(WAITING)}, "late": True}


class TakedownChanged(Conflict):
    """The request is past the version that was acted upon."""

    code: ClassVar[str] = "takedown-changed"
    title: ClassVar[str] = "该要求已有变化，请重新查看"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which requests are asked for: newest first, those drafted before ``before`` (an id)."""

    party: str | None = None
    recipient: str | None = None
    state: State | None = None
    overdue: bool | None = None
    served: bool = False
    before: str | None = None
    limit: int = 50

    def query(self) -> Row:
        """Return the filter that finds them."""
        wanted: Row = {
            "parties": self.party,
            "recipient.code": self.recipient,
            "state": self.state,
            "_id": None if self.before is None else {"$lt": self.before},
        }
        found: Row = {name: value for name, value in wanted.items() if value is not None}
        also: list[Row] = [{"state": {"$ne": "drafted"}}] if self.served else []
        if self.overdue is not None:
            also.append(_OVERDUE if self.overdue else {"$nor": [_OVERDUE]})
        return {**found, "$and": also} if also else found


class TakedownStore:
    """The requests of one service."""

    def __init__(self, db: Database, calendar: WorkingDays) -> None:
        self.db = db
        self.calendar = calendar
        self._rows = db[TAKEDOWNS]

    async def add(self, takedown: Takedown, *, session: Session) -> None:
        """Keep a new draft in the caller's transaction."""
        await self._rows.insert_one(_row(takedown), session=session)

    async def get(self, takedown_id: str, *, session: Session | None = None) -> Takedown:
        """Return one request."""
        row = await self._rows.find_one({"_id": takedown_id}, session=session)
        if row is None:
            raise TakedownNotFound.by_id(takedown_id)
        return _takedown(row)

    async def change(self, before: Takedown, after: Takedown, *, session: Session) -> None:
        """Write the next version, and move its timer: it waits as long as an answer is owed."""
        seen = {"_id": before.id, "version": before.version}
        written = await self._rows.replace_one(seen, _row(after), session=session)
        if not written.matched_count:
            raise TakedownChanged("该要求在此期间已有变化，请重新查看。")
        timer = timer_of(after, self.calendar)
        if timer is None:
            await clear_timer(self.db, timer_name(after.id), session=session)
        else:
            await set_timer(self.db, timer, session=session)

    async def page(self, asked: Asked) -> list[Takedown]:
        """Return one page of requests, newest first."""
        found = self._rows.find(asked.query()).sort("_id", -1).limit(asked.limit)
        return [_takedown(row) async for row in found]

    async def watched(
        self, marks: Mapping[str, str], *, session: Session | None = None
    ) -> list[Takedown]:
        """Return the requests about things with some marks that the record may still speak of."""
        wanted: Row = {f"thing.marks.{name}": value for name, value in marks.items()}
        wanted["state"] = {"$in": list(WATCHED)}
        return [_takedown(row) async for row in self._rows.find(wanted, session=session)]


def timer_name(takedown_id: str) -> str:
    """Return the name of a request's one timer."""
    return f"{TAKEDOWN_TIMER}:{takedown_id}"


def timer_of(takedown: Takedown, calendar: WorkingDays) -> Timer | None:
    """Return the timer that waits for the deadline, if the recipient owes an answer by it."""
    current = takedown.round
    if current is None or takedown.state not in WAITING or current.overdue_at is not None:
        return None
    deadline = current.due(calendar)
    days = current.working_days
    return Timer(
        name=timer_name(takedown.id),
        kind=TAKEDOWN_TIMER,
        due_at=deadline.at,
        payload={"takedown_id": takedown.id},
        provisional=deadline.provisional,
        period=None if days is None else Period(current.opened_on, days),
    )


def _row(takedown: Takedown) -> Row:
    row = asdict(takedown)
    current = takedown.round
    late = current is not None and current.overdue_at is not None
    return {"_id": row.pop("id"), "schema": _SCHEMA, **row, "late": late}


def _takedown(row: Row) -> Takedown:
    told = {name: value for name, value in row.items() if name not in ("_id", "schema", "late")}
    return _MODEL.validate_python({"id": row["_id"], **told})
