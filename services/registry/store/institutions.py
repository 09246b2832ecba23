"""Institutions in MongoDB: data, fact, state and audit row are written together or not at all."""

from collections.abc import Sequence
from datetime import date, datetime

from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from services.registry.domain.institution import (
    Institution,
    InstitutionNotFound,
    Particulars,
    Revocation,
)
from shared.audit.log import AuditLog, Entry
from shared.mongo import Database, Row, Session, transact
from shared.outbox import Outgoing, enqueue

_SCHEMA = 1
_READ_MILLISECONDS = 5_000


class InstitutionStore:
    """The institutions of the register, by the suite's own id."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._audit = audit
        # A majority read may miss for an instant what a unique key or a version has just told us
        # of; a linearizable one waits for it. The register is small and seldom written.
        self._rows = db.get_collection("institutions", read_concern=ReadConcern("linearizable"))

    async def get(self, institution_id: str) -> Institution:
        """Return an institution as it is now."""
        found = await self._find({"_id": institution_id})
        if found is None:
            raise InstitutionNotFound(f"没有编号为{institution_id}的培训机构。")
        return found

    async def with_uscc(self, uscc: str) -> Institution | None:
        """Return the institution that bears this 统一社会信用代码."""
        return await self._find({"uscc": uscc})

    async def add(
        self, institution: Institution, *, events: Sequence[Outgoing], entry: Entry, now: datetime
    ) -> bool:
        """Enter an institution; ``False`` when another bears its 统一社会信用代码."""
        row = {"_id": institution.institution_id, "registered_at": now, **_fields(institution, now)}

        async def write(session: Session) -> None:
            await self._db["institutions"].insert_one(row, session=session)
            await self._audit.record(entry, session=session)
            await enqueue(self._db, events, session=session, now=now)

        try:
            await transact(self._db, write)
        except DuplicateKeyError as error:
            if "uscc" not in ((error.details or {}).get("keyPattern") or {}):
                raise
            return False
        return True

    async def change(
        self,
        institution: Institution,
        *,
        seen: Institution,
        events: Sequence[Outgoing],
        entry: Entry,
        now: datetime,
    ) -> bool:
        """Write the next version; ``False`` when the institution has moved since it was seen."""

        async def write(session: Session) -> bool:
            changed = await self._db["institutions"].update_one(
                {"_id": seen.institution_id, "version": seen.version},
                {"$set": _fields(institution, now)},
                session=session,
            )
            if changed.matched_count == 0:
                return False
            await self._audit.record(entry, session=session)
            await enqueue(self._db, events, session=session, now=now)
            return True

        return await transact(self._db, write)

    async def _find(self, which: Row) -> Institution | None:
        row = await self._rows.find_one(which, max_time_ms=_READ_MILLISECONDS)
        return None if row is None else _institution(row)


def _fields(institution: Institution, now: datetime) -> Row:
    particulars = institution.particulars
    revocation = institution.revocation
    return {
        "schema": _SCHEMA,
        "version": institution.version,
        "name": particulars.name,
        "uscc": particulars.uscc,
        "kind": particulars.kind,
        "stages": list(particulars.stages),
        "mode": particulars.mode,
        "town": particulars.town,
        "competent_department": institution.competent_department,
        "status": institution.status,
        # BSON has no local date; a midnight would be another day in another time zone.
        "revoked_on": None if revocation is None else revocation.revoked_on.isoformat(),
        "revocation_reason": None if revocation is None else revocation.reason,
        "updated_at": now,
    }


def _institution(row: Row) -> Institution:
    return Institution(
        institution_id=row["_id"],
        version=row["version"],
        particulars=Particulars(
            name=row["name"],
            uscc=row["uscc"],
            kind=row["kind"],
            stages=tuple(row["stages"]),
            mode=row["mode"],
            town=row["town"],
        ),
        revocation=_revocation(row),
    )


def _revocation(row: Row) -> Revocation | None:
    if row["revoked_on"] is None:
        return None
    return Revocation(
        revoked_on=date.fromisoformat(row["revoked_on"]), reason=row["revocation_reason"]
    )
