"""Sightings in MongoDB: written once, in the transaction that sends their leads."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import ClassVar

from pymongo.errors import DuplicateKeyError

from services.ads_watch.domain.sighting import Seen, Sighting
from shared.errors import Conflict, NotFound
from shared.mongo import Database, Row, Session

_SCHEMA = 1
_MOST_OF_A_WINDOW = 2_000


class SightingNotFound(NotFound):
    """There is no such sighting, or it is of another town."""

    code: ClassVar[str] = "sighting-not-found"
    title: ClassVar[str] = "没有这条上报"


class SightingReported(Conflict):
    """The same report is there already; whoever reported it again gets that one."""

    code: ClassVar[str] = "sighting-reported"
    title: ClassVar[str] = "同一上报已有记录"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which sightings are asked for: newest first, those reported before ``before``."""

    town: str | None = None
    medium: str | None = None
    unlawful: bool | None = None
    before: str | None = None
    limit: int = 50

    def query(self) -> Row:
        """Return the filter that finds them."""
        wanted = {
            "seen.town": self.town,
            "seen.medium": self.medium,
            "unlawful": self.unlawful,
            "_id": None if self.before is None else {"$lt": self.before},
        }
        return {field: value for field, value in wanted.items() if value is not None}


class SightingStore:
    """The sightings of ads_watch."""

    def __init__(self, db: Database) -> None:
        self._rows = db["sightings"]
        self._windows = db["sighting_windows"]

    async def with_digest(self, digest: str) -> Sighting | None:
        """Return the sighting of the same report."""
        row = await self._rows.find_one({"digest": digest})
        return None if row is None else _sighting(row)

    async def open_window(self, window: str) -> None:
        """Have a window's document there: inside a transaction it is only counted up."""
        await self._windows.update_one({"_id": window}, {"$setOnInsert": {"n": 0}}, upsert=True)

    async def enter_window(self, window: str, *, session: Session) -> None:
        """Let reports of one subject and month pass one after the other, in any order."""
        await self._windows.update_one({"_id": window}, {"$inc": {"n": 1}}, session=session)

    async def add(self, sighting: Sighting, *, session: Session) -> None:
        """Write a sighting; the same report again ends the transaction."""
        row = {
            "_id": sighting.sighting_id,
            "schema": _SCHEMA,
            "digest": sighting.digest,
            "office": sighting.office,
            "reported_at": sighting.reported_at,
            "subject": sighting.seen.subject.key,
            "month": sighting.month,
            "unlawful": bool(sighting.checked.matters),
            "seen": asdict(sighting.seen),
        }
        try:
            await self._rows.insert_one(row, session=session)
        except DuplicateKeyError as error:
            raise SightingReported("同一上报已有记录。") from error

    async def of_window(
        self, subject: str, month: str, *, session: Session
    ) -> AsyncIterator[Sighting]:
        """Go through the unlawful sightings of one subject in one month, oldest first."""
        wanted = {"subject": subject, "month": month, "unlawful": True}
        found = self._rows.find(wanted, session=session).sort("_id", 1).limit(_MOST_OF_A_WINDOW)
        async for row in found:
            yield _sighting(row)

    async def get(self, sighting_id: str, *, session: Session | None = None) -> Sighting:
        """Return one sighting."""
        row = await self._rows.find_one({"_id": sighting_id}, session=session)
        if row is None:
            raise SightingNotFound("没有这个编号的上报，或它不在您的辖区。")
        return _sighting(row)

    async def page(self, asked: Asked) -> list[Sighting]:
        """Return one page of sightings, newest first."""
        found = self._rows.find(asked.query()).sort("_id", -1).limit(asked.limit)
        return [_sighting(row) async for row in found]


def _sighting(row: Row) -> Sighting:
    return Sighting(
        sighting_id=row["_id"],
        office=row["office"],
        seen=Seen(**row["seen"]),
        reported_at=row["reported_at"],
    )
