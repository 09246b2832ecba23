"""Leads in MongoDB, and which answers of departments came over the bus already."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

from services.ads_watch.domain.lead import Lead, LeadNotFound, LeadState, Point, Step
from shared.clock import machine_now
from shared.errors import Conflict
from shared.mongo import Database, Row, Session

_SCHEMA = 1


class AnswerIdReused(Conflict):
    """A department used the id of one answer for another one."""

    code: ClassVar[str] = "answer-id-reused"
    title: ClassVar[str] = "同一消息编号对应不同内容"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which leads are asked for: newest first, those sent before ``before`` (a lead's id)."""

    party: str | None = None
    department: str | None = None
    sighting_id: str | None = None
    state: LeadState | None = None
    before: str | None = None
    limit: int = 50

    def query(self) -> Row:
        """Return the filter that finds them."""
        wanted = {
            "parties": self.party,
            "department": self.department,
            "sighting_id": self.sighting_id,
            "state": self.state,
            "_id": None if self.before is None else {"$lt": self.before},
        }
        return {field: value for field, value in wanted.items() if value is not None}


class LeadStore:
    """The leads of ads_watch."""

    def __init__(self, db: Database) -> None:
        self._rows = db["leads"]
        self._answers = db["lead_answers"]

    async def add(self, leads: Sequence[Lead], *, session: Session) -> None:
        """Write the leads of a sighting."""
        if leads:
            await self._rows.insert_many([_row(lead) for lead in leads], session=session)

    async def get(self, lead_id: str, *, session: Session | None = None) -> Lead:
        """Return one lead."""
        row = await self._rows.find_one({"_id": lead_id}, session=session)
        if row is None:
            raise LeadNotFound("没有这个编号的线索，或您所在的部门未参与。")
        return _lead(row)

    async def change(self, lead: Lead, *, session: Session) -> None:
        """Write the next version; whoever writes at once conflicts, and one of them looks again."""
        await self._rows.replace_one({"_id": lead.lead_id}, _row(lead), session=session)

    async def page(self, asked: Asked) -> list[Lead]:
        """Return one page of leads, newest first."""
        found = self._rows.find(asked.query()).sort("_id", -1).limit(asked.limit)
        return [_lead(row) async for row in found]

    async def came_before(
        self, office: str, event_id: str, *, digest: str, session: Session
    ) -> bool:
        """Keep the identity of an answer from the bus; tell whether it was kept before."""
        identity = {"from": office, "id": event_id}
        known = await self._answers.find_one({"_id": identity}, session=session)
        if known is not None:
            if known["digest"] != digest:
                raise AnswerIdReused("此消息编号已用于另一答复")
            return True
        kept: Row = {"_id": identity, "digest": digest, "at": machine_now()}
        await self._answers.insert_one(kept, session=session)
        return False


def _row(lead: Lead) -> Row:
    row = asdict(lead)
    row["_id"] = row.pop("lead_id")
    # Who may read it follows from the rest; it is kept to be searched.
    row["parties"] = list(lead.parties)
    row["schema"] = _SCHEMA
    return row


def _lead(row: Row) -> Lead:
    return Lead(
        lead_id=row["_id"],
        version=row["version"],
        sighting_id=row["sighting_id"],
        point=Point(**row["point"]),
        sender=row["sender"],
        department=row["department"],
        reason=row["reason"],
        state=row["state"],
        sent_at=row["sent_at"],
        steps=tuple(Step(**step) for step in row["steps"]),
    )
