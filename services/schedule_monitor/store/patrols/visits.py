"""Visits in MongoDB: each as its highest version tells it, with the sessions that were seen."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime

from services.schedule_monitor.domain.patrols.visit import Seen, Visit
from shared.mongo import Database, Row, Session

_SCHEMA = 1
_NOT_OURS = frozenset({"_id", "schema", "on", "seen_as", "received_at"})


class VisitStore:
    """The results of visits that were told."""

    def __init__(self, db: Database) -> None:
        self._rows = db["visits"]

    async def find(self, visit_id: str, *, session: Session | None = None) -> Visit | None:
        """Return a visit as it stands."""
        row = await self._rows.find_one({"_id": visit_id}, session=session)
        return None if row is None else _visit(row)

    async def put(
        self, visit: Visit, *, seen_as: Sequence[str], now: datetime, session: Session
    ) -> None:
        """Make a version the one that stands; ``seen_as`` are the held sessions it tells of."""
        row = {**_row(visit), "seen_as": list(seen_as), "received_at": now}
        await self._rows.replace_one({"_id": visit.visit_id}, row, upsert=True, session=session)

    async def of_institution(
        self, institution_id: str, *, session: Session | None = None
    ) -> list[Visit]:
        """Return every visit to an institution that stands, in order of their ids."""
        found = await self.of_institutions([institution_id], session=session)
        return found.get(institution_id, [])

    async def of_institutions(
        self,
        institutions: Iterable[str],
        *,
        since: date = date.min,
        session: Session | None = None,
    ) -> dict[str, list[Visit]]:
        """Return the visits to some institutions from a day on, by institution."""
        which = {
            "institution_id": {"$in": sorted(institutions)},
            "on": {"$gte": since.isoformat()},
            "withdrawn": False,
        }
        found: dict[str, list[Visit]] = {}
        async for row in self._rows.find(which, session=session).sort("_id"):
            found.setdefault(row["institution_id"], []).append(_visit(row))
        return found

    async def on_day(
        self, institutions: Iterable[str], day: date
    ) -> dict[str, list[tuple[Visit, tuple[str, ...]]]]:
        """Return the visits of a day with the held sessions they tell of, by institution."""
        which = {
            "institution_id": {"$in": sorted(institutions)},
            "on": day.isoformat(),
            "withdrawn": False,
        }
        found: dict[str, list[tuple[Visit, tuple[str, ...]]]] = {}
        async for row in self._rows.find(which).sort("_id"):
            theirs = found.setdefault(row["institution_id"], [])
            theirs.append((_visit(row), tuple(row["seen_as"])))
        return found


def _row(visit: Visit) -> Row:
    told = asdict(visit)
    del told["visit_id"]
    return {
        **told,
        "_id": visit.visit_id,
        "schema": _SCHEMA,
        "on": visit.on.isoformat(),
        "seen": [asdict(one) for one in visit.seen],
        "confirmed": list(visit.confirmed),
        "unfounded": list(visit.unfounded),
        "proposed_on": None if visit.proposed_on is None else visit.proposed_on.isoformat(),
    }


def _visit(row: Row) -> Visit:
    told = {name: value for name, value in row.items() if name not in _NOT_OURS}
    proposed_on = told["proposed_on"]
    return Visit(
        **{
            **told,
            "visit_id": row["_id"],
            "seen": tuple(Seen(**one) for one in told["seen"]),
            "confirmed": tuple(told["confirmed"]),
            "unfounded": tuple(told["unfounded"]),
            "proposed_on": None if proposed_on is None else date.fromisoformat(proposed_on),
        }
    )
