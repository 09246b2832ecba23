"""Give institutions of schema 1 their history, and a place for licence and sites.

Until then an institution was entered and perhaps revoked, nothing else: both its versions can be
told exactly. Which office did it stands in the audit chain alone. May run twice, and in several
processes at once: each document is changed in its own transaction, while it is of schema 1 only.
No process of the version before may write any more.
"""

from dataclasses import replace

from services.registry.domain.institution import Institution
from services.registry.store.history import version_row
from services.registry.store.rows import fields_of, institution_of
from shared.mongo import Database, Row, Session, transact

_OLD = 1


async def begin_history(db: Database) -> int:
    """Bring every document of schema 1 to schema 2; return how many there were."""
    found = await db["institutions"].find({"schema": _OLD}, {"_id": 1}).to_list()
    return sum([await _begin(db, row["_id"]) for row in found])


async def _begin(db: Database, institution_id: str) -> bool:
    async def work(session: Session) -> bool:
        which = {"_id": institution_id, "schema": _OLD}
        row = await db["institutions"].find_one(which, session=session)
        if row is None:
            return False
        institution = institution_of(
            {**row, "licence": None, "sites": [], "filed": {"licence": None, "places": []}},
            institution_id=institution_id,
        )
        await db["institutions"].update_one(
            which, {"$set": fields_of(institution)}, session=session
        )
        await db["institution_versions"].insert_many(_versions(institution, row), session=session)
        return True

    return await transact(db, work)


def _versions(institution: Institution, row: Row) -> list[Row]:
    entered = version_row(
        replace(institution, version=1, revocation=None),
        known_from=row["registered_at"],
        action="institution.registered",
        who=None,
    )
    if institution.revocation is None:
        return [entered]
    revoked = version_row(
        institution, known_from=row["updated_at"], action="institution.revoked", who=None
    )
    return [{**entered, "known_until": row["updated_at"]}, revoked]
