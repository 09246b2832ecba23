"""Every version of every institution, and from when until when the register knew it so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.registry.domain.institution import Institution, InstitutionNotFound
from services.registry.store.asked import Asked
from services.registry.store.rows import fields_of, institution_of
from shared.audit.log import Entry
from shared.mongo import Database, Row, Session

_READ_MILLISECONDS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An institution as it was known from one moment on: what was done, by which office."""

    institution: Institution
    known_from: datetime
    known_until: datetime | None
    action: str
    office: str | None


class History:
    """One document a version, written with it; a later version ends the time of the one before."""

    def __init__(self, db: Database) -> None:
        self._rows = db["institution_versions"]

    async def record(
        self, institution: Institution, *, entry: Entry, now: datetime, session: Session
    ) -> None:
        """Keep a version that is written, in the transaction that writes it."""
        before = {"institution_id": institution.institution_id, "known_until": None}
        last = await self._rows.find_one(before, {"known_from": 1}, session=session)
        # Two processes' clocks differ: a version may end in the moment it began, never before.
        moment = now if last is None else max(now, last["known_from"])
        await self._rows.update_many(before, {"$set": {"known_until": moment}}, session=session)
        row = version_row(institution, known_from=moment, action=entry.action, who=entry.who.office)
        await self._rows.insert_one(row, session=session)

    async def get(self, institution_id: str, *, as_of: datetime) -> Institution:
        """Return an institution as it was known at a moment."""
        asked = {"institution_id": institution_id, **_known_at(as_of)}
        row = await self._rows.find_one(asked, max_time_ms=_READ_MILLISECONDS)
        if row is None:
            raise InstitutionNotFound(f"该时点没有编号为{institution_id}的培训机构的登记。")
        return institution_of(row, institution_id=institution_id)

    async def page(self, asked: Asked, *, as_of: datetime) -> list[Institution]:
        """Return one page of the register as it was known at a moment, newest first."""
        query = {**asked.query(id_field="institution_id"), **_known_at(as_of)}
        found = self._rows.find(query, max_time_ms=_READ_MILLISECONDS)
        rows = await found.sort("institution_id", -1).limit(asked.limit).to_list()
        return [institution_of(row, institution_id=row["institution_id"]) for row in rows]

    async def versions(
        self, institution_id: str, *, before: int | None, limit: int
    ) -> Sequence[Version]:
        """Return one page of an institution's versions, the newest first."""
        asked: Row = {"institution_id": institution_id}
        if before is not None:
            asked["version"] = {"$lt": before}
        found = self._rows.find(asked, max_time_ms=_READ_MILLISECONDS)
        return [_version(row) async for row in found.sort("version", -1).limit(limit)]


def version_row(
    institution: Institution, *, known_from: datetime, action: str, who: str | None
) -> Row:
    """Return the document of a version that is known from this moment on."""
    return {
        "_id": f"{institution.institution_id}:{institution.version}",
        "institution_id": institution.institution_id,
        "known_from": known_from,
        "known_until": None,
        "action": action,
        "office": who,
        **fields_of(institution),
    }


def _known_at(moment: datetime) -> Row:
    until = [{"known_until": None}, {"known_until": {"$gt": moment}}]
    return {"known_from": {"$lte": moment}, "$or": until}


def _version(row: Row) -> Version:
    return Version(
        institution=institution_of(row, institution_id=row["institution_id"]),
        known_from=row["known_from"],
        known_until=row["known_until"],
        action=row["action"],
        office=row["office"],
    )
