"""Which doubted places were told of, at their highest version."""

from dataclasses import asdict
from datetime import datetime

from services.registry.domain.unapproved_site import Place, UnapprovedSites
from shared.mongo import Database, Row, Session

_SCHEMA = 1


class UnapprovedSiteStore:
    """One document for each institution and month."""

    def __init__(self, db: Database) -> None:
        self._rows = db["unapproved_sites"]

    async def take(self, sites: UnapprovedSites, *, now: datetime, session: Session) -> bool:
        """Keep what is told; ``False`` when this version or a higher one is kept already."""
        key = {"_id": f"{sites.institution_id}|{sites.month}"}
        before = await self._rows.find_one(key, {"version": 1}, session=session)
        if before is not None and before["version"] >= sites.version:
            return False
        row: Row = {
            **key,
            "schema": _SCHEMA,
            "institution_id": sites.institution_id,
            "month": sites.month,
            "version": sites.version,
            "places": [_place_row(place) for place in sites.places],
            "told_at": now,
        }
        await self._rows.replace_one(key, row, upsert=True, session=session)
        return True


def _place_row(place: Place) -> Row:
    return {
        **asdict(place),
        "first_on": place.first_on.isoformat(),
        "last_on": place.last_on.isoformat(),
    }
