"""Institutions in MongoDB: data, history, fact, state and audit row in one write, or none."""

from collections.abc import Sequence
from datetime import datetime

from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from services.registry.domain.institution import Institution, InstitutionNotFound
from services.registry.store.asked import Asked
from services.registry.store.history import History
from services.registry.store.rows import fields_of, institution_of
from shared.audit.log import AuditLog, Entry
from shared.mongo import Database, Row, Session, transact
from shared.outbox import Outgoing, enqueue

_READ_MILLISECONDS = 5_000


class InstitutionStore:
    """The institutions of the register, by the suite's own id."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._audit = audit
        self.history = History(db)
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
        row = {
            "_id": institution.institution_id,
            "registered_at": now,
            "updated_at": now,
            **fields_of(institution),
        }

        async def write(session: Session) -> None:
            await self._db["institutions"].insert_one(row, session=session)
            await self.history.record(institution, entry=entry, now=now, session=session)
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
                {"$set": {**fields_of(institution), "updated_at": now}},
                session=session,
            )
            if changed.matched_count == 0:
                return False
            await self.history.record(institution, entry=entry, now=now, session=session)
            await self._audit.record(entry, session=session)
            await enqueue(self._db, events, session=session, now=now)
            return True

        return await transact(self._db, write)

    async def page(self, asked: Asked) -> list[Institution]:
        """Return one page of the register as it is now, newest first."""
        found = self._db["institutions"].find(
            asked.query(id_field="_id"), max_time_ms=_READ_MILLISECONDS
        )
        rows = await found.sort("_id", -1).limit(asked.limit).to_list()
        return [institution_of(row, institution_id=row["_id"]) for row in rows]

    async def _find(self, which: Row) -> Institution | None:
        row = await self._rows.find_one(which, max_time_ms=_READ_MILLISECONDS)
        return None if row is None else institution_of(row, institution_id=row["_id"])
