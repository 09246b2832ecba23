"""What was proposed to towns in MongoDB: every version as it was told, one of a day is current."""

from dataclasses import dataclass
from datetime import date, datetime

from services.schedule_monitor.store.versions import current_of, put_version
from shared.contracts.patrol import PatrolProposed
from shared.mongo import Database, Row, Session


@dataclass(frozen=True, slots=True)
class KeptProposal:
    """A proposal as it was told, and when it was made by the service's clock."""

    told: PatrolProposed
    made_at: datetime


class PatrolStore:
    """The proposals of each day and town."""

    def __init__(self, db: Database) -> None:
        self._rows = db["patrol_proposals"]

    async def current(
        self, day: date, town: str, *, session: Session | None = None
    ) -> KeptProposal | None:
        """Return what was proposed last."""
        row = await current_of(self._rows, _key(day, town), session=session)
        return None if row is None else _kept(row)

    async def of_version(self, day: date, town: str, version: int) -> KeptProposal | None:
        """Return what was proposed in a version."""
        row = await self._rows.find_one({"_id": f"{_key(day, town)}/{version}"})
        return None if row is None else _kept(row)

    async def add(self, told: PatrolProposed, *, now: datetime, session: Session) -> None:
        """Keep a new version and make it the current one."""
        row: Row = {
            "day": told.day.isoformat(),
            "town": told.town,
            "told": told.model_dump(mode="json", exclude_none=True),
            "made_at": now,
        }
        key = _key(told.day, told.town)
        await put_version(self._rows, key, told.version, row, session=session)


def _key(day: date, town: str) -> str:
    return f"{day.isoformat()}|{town}"


def _kept(row: Row) -> KeptProposal:
    return KeptProposal(PatrolProposed.model_validate(row["told"]), row["made_at"])
