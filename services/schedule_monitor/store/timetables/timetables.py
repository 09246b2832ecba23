"""Filed timetables in MongoDB: every version stays, the latest of a label is current."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from pymongo import UpdateOne
from pymongo.asynchronous.command_cursor import AsyncCommandCursor

from services.schedule_monitor.domain.judge import VERDICTS, Verdict
from services.schedule_monitor.domain.session import Mode, Stated
from services.schedule_monitor.domain.timetables.timetable import (
    Filing,
    Timetable,
    TimetableNotFound,
)
from services.schedule_monitor.store.rows import stated_of, stated_row
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Row, Session

_SCHEMA = 1


class TimetableStore:
    """The timetables institutions have filed."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = db["timetables"]

    async def get(self, timetable_id: str) -> Timetable:
        """Return one timetable."""
        row = await self._rows.find_one({"_id": timetable_id})
        if row is None:
            raise TimetableNotFound.by_id(timetable_id)
        return _timetable(row)

    async def of_version(
        self, institution_id: str, label: str, version: int, *, session: Session
    ) -> Timetable | None:
        """Return the timetable filed as this version, if there is one."""
        row = await self._rows.find_one(
            {"institution_id": institution_id, "label": label, "version": version},
            session=session,
        )
        return None if row is None else _timetable(row)

    async def latest(
        self, institution_id: str, label: str, *, session: Session
    ) -> Timetable | None:
        """Return the timetable of the highest version filed under a label."""
        row = await self._rows.find_one(
            {"institution_id": institution_id, "label": label},
            sort=[("version", -1)],
            session=session,
        )
        return None if row is None else _timetable(row)

    async def sessions_elsewhere(self, institution_id: str, label: str, *, session: Session) -> int:
        """Count the classes of an institution's current timetables under other labels."""
        which = {"institution_id": institution_id, "current": True, "label": {"$ne": label}}
        group = {"$group": {"_id": None, "sessions": {"$sum": "$session_count"}}}
        cursor = await self._rows.aggregate([{"$match": which}, group], session=session)
        return sum([row["sessions"] async for row in cursor])

    async def current_of(
        self,
        institution_id: str,
        *,
        between: tuple[date, date] | None = None,
        session: Session | None = None,
    ) -> list[Timetable]:
        """Return an institution's current timetables, or those that reach into some days."""
        which: Row = {"institution_id": institution_id, "current": True}
        if between is not None:
            first, last = between
            which["first_day"] = {"$lte": last.isoformat()}
            which["last_day"] = {"$gte": first.isoformat()}
        found = self._rows.find(which, session=session)
        return [_timetable(row) async for row in found.sort("_id", 1)]

    async def classes_on(
        self, institutions: Iterable[str], day: date, *, session: Session
    ) -> dict[str, list[Stated]]:
        """Return the classes that some institutions have filed for a day, by institution."""
        found: dict[str, list[Stated]] = {}
        async for row in await self._between(institutions, day, day, session):
            theirs = found.setdefault(row["institution_id"], [])
            theirs += [stated_of(one) for one in row["sessions"]]
        return found

    async def filed_between(
        self, institutions: Iterable[str], first: date, last: date, *, session: Session
    ) -> dict[str, dict[tuple[Mode | None, str | None], int]]:
        """Count the classes filed for some days by institution, mode and site, as stated."""
        found: dict[str, dict[tuple[Mode | None, str | None], int]] = {}
        async for row in await self._between(institutions, first, last, session):
            theirs = found.setdefault(row["institution_id"], {})
            for one in row["sessions"]:
                place = (one.get("mode"), one.get("site"))
                theirs[place] = theirs.get(place, 0) + 1
        return found

    async def _between(
        self,
        institutions: Iterable[str],
        first: date,
        last: date,
        session: Session,
    ) -> AsyncCommandCursor[Row]:
        """Return current timetables with their classes of some days and no others."""
        since, until = first.isoformat(), last.isoformat()
        wanted = {"$and": [{"$gte": ["$$this.on", since]}, {"$lte": ["$$this.on", until]}]}
        pipeline: list[Row] = [
            {
                "$match": {
                    "institution_id": {"$in": sorted(institutions)},
                    "current": True,
                    "first_day": {"$lte": until},
                    "last_day": {"$gte": since},
                }
            },
            {"$sort": {"_id": 1}},
            {
                "$project": {
                    "institution_id": 1,
                    "sessions": {"$filter": {"input": "$sessions", "cond": wanted}},
                }
            },
        ]
        return await self._rows.aggregate(pipeline, session=session)

    async def filed_after(
        self, institution_id: str, moment: datetime, *, session: Session
    ) -> list[Timetable]:
        """Return an institution's current timetables that were filed after a moment."""
        which: Row = {
            "institution_id": institution_id,
            "current": True,
            "filed_at": {"$gt": moment},
        }
        found = self._rows.find(which, session=session)
        return [_timetable(row) async for row in found.sort("_id", 1)]

    async def filers(self) -> list[str]:
        """Return the institutions that have a current timetable, in order."""
        found: list[str] = await self._rows.distinct("institution_id", {"current": True})
        return sorted(found)

    async def page_of(self, institution_id: str, *, before: str | None, limit: int) -> list[Row]:
        """Return one page of an institution's timetables without their classes, newest first."""
        which: Row = {"institution_id": institution_id}
        if before is not None:
            which["_id"] = {"$lt": before}
        found = self._rows.find(which, {"sessions": 0}).sort("_id", -1).limit(limit)
        return await found.to_list()

    async def add(self, timetable: Timetable, *, now: datetime, session: Session) -> None:
        """Make a timetable the current one of its label, in the caller's transaction."""
        filing = timetable.filing
        # Filings of one institution come one after the other: each must have seen those before.
        await self._db["filers"].update_one(
            {"_id": filing.institution_id}, {"$inc": {"filings": 1}}, upsert=True, session=session
        )
        await self._rows.update_many(
            {
                "institution_id": filing.institution_id,
                "label": filing.label,
                "current": True,
            },
            {"$set": {"current": False}},
            session=session,
        )
        await self._rows.insert_one(_row(timetable, now), session=session)
        cause = f"timetable:{timetable.timetable_id}"
        again = mark("institution", filing.institution_id, FROM_THE_BEGINNING, [cause])
        await self._db["to_judge"].bulk_write([again], session=session)

    async def mark_all(self, *, stage: str | None, cause: str, session: Session) -> int:
        """Have every institution judged again that plans classes of a stage, or any at all.

        Whoever was told to hold sessions is among them: their stages may differ from those filed.
        """
        which: Row = {"current": True}
        if stage is not None:
            which["stages"] = stage
        found = set(await self._rows.distinct("institution_id", which, session=session))
        found.update(await self._db["held_months"].distinct("institution_id", session=session))
        marks = [mark("institution", one, FROM_THE_BEGINNING, [cause]) for one in sorted(found)]
        if marks:
            await self._db["to_judge"].bulk_write(marks, session=session)
        return len(marks)

    async def keep_counts(
        self, counts: Mapping[str, Mapping[Verdict, int]], *, session: Session
    ) -> None:
        """Keep how the classes of some timetables were judged."""
        writes: Sequence[UpdateOne] = [
            UpdateOne({"_id": one}, {"$set": {"counts": dict(found)}})
            for one, found in counts.items()
        ]
        if writes:
            await self._rows.bulk_write(list(writes), ordered=False, session=session)

    async def totals(self) -> tuple[int, dict[str, int]]:
        """Count the current timetables, and their classes by verdict as last judged."""
        sums: Row = {verdict: {"$sum": f"$counts.{verdict}"} for verdict in VERDICTS}
        group = {"$group": {"_id": None, "timetables": {"$sum": 1}, **sums}}
        cursor = await self._rows.aggregate([{"$match": {"current": True}}, group])
        [total] = await cursor.to_list() or [{"timetables": 0}]
        return total["timetables"], {verdict: total.get(verdict, 0) for verdict in VERDICTS}


def _row(timetable: Timetable, now: datetime) -> Row:
    filing = timetable.filing
    days = sorted(one.on.isoformat() for one in filing.sessions)
    return {
        "_id": timetable.timetable_id,
        "schema": _SCHEMA,
        "institution_id": filing.institution_id,
        "label": filing.label,
        "version": filing.version,
        "current": timetable.current,
        "previous": timetable.previous,
        "plan": filing.plan,
        "receipt": filing.receipt,
        "sessions": [stated_row(one) for one in filing.sessions],
        "session_count": len(filing.sessions),
        "first_day": days[0] if days else None,
        "last_day": days[-1] if days else None,
        "stages": sorted({one.stage for one in filing.sessions}),
        "counts": None,
        "filed_at": now,
    }


def _timetable(row: Row) -> Timetable:
    return Timetable(
        timetable_id=row["_id"],
        filing=Filing(
            institution_id=row["institution_id"],
            label=row["label"],
            version=row["version"],
            sessions=tuple(stated_of(one) for one in row["sessions"]),
            plan=row.get("plan"),
            receipt=row.get("receipt"),
        ),
        current=row["current"],
        previous=row.get("previous"),
    )
