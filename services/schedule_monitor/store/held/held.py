"""Held sessions in MongoDB: as they stand, every version told, and what was refused."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from pymongo import ReplaceOne, UpdateOne

from services.schedule_monitor.domain.held.held import HeldSession, HeldSessionNotFound, Kept
from services.schedule_monitor.store.held.held_rows import held_row, kept_of
from shared.city_time import city_date
from shared.mongo import Database, Row, Session

_MOST_BEGUN: Final = 5_000


class HeldStore:
    """The held sessions that senders have told of."""

    def __init__(self, db: Database) -> None:
        self._rows = db["held_sessions"]
        self._versions = db["held_versions"]
        self._refused = db["held_refused"]

    async def known(self, identities: Iterable[str], *, session: Session) -> dict[str, Kept]:
        """Return those of some sessions that are kept, by identity."""
        which = {"identity": {"$in": sorted(set(identities))}}
        found = self._rows.find(which, session=session)
        return {row["identity"]: kept_of(row) async for row in found}

    async def digests(self, held: Iterable[HeldSession], *, session: Session) -> dict[str, str]:
        """Return the digests of those versions that were told before."""
        keys = sorted({version_key(one) for one in held})
        found = self._versions.find({"_id": {"$in": keys}}, {"digest": 1}, session=session)
        return {row["_id"]: row["digest"] async for row in found}

    async def add_versions(self, told: Sequence[Kept], *, now: datetime, session: Session) -> None:
        """Keep what was told, each version once and for good."""
        if told:
            rows = [
                {
                    **held_row(one.held),
                    "_id": version_key(one.held),
                    "session_id": one.session_id,
                    "received_at": now,
                }
                for one in told
            ]
            await self._versions.insert_many(rows, session=session)

    async def put(self, kept: Sequence[Kept], *, now: datetime, session: Session) -> None:
        """Make what is told of some sessions the version that stands."""
        writes = [
            ReplaceOne(
                {"_id": one.session_id},
                {**held_row(one.held), "_id": one.session_id, "received_at": now},
                upsert=True,
            )
            for one in kept
        ]
        if writes:
            await self._rows.bulk_write(writes, ordered=False, session=session)

    async def of_month(
        self, institution_id: str, month: str, *, session: Session | None = None
    ) -> list[Kept]:
        """Return the sessions of an institution's month."""
        which = {"institution_id": institution_id, "month": month}
        return [kept_of(row) async for row in self._rows.find(which, session=session)]

    async def naming(
        self,
        institution_id: str,
        month: str,
        days: Iterable[date],
        *,
        session: Session | None = None,
    ) -> list[Kept]:
        """Return sessions of other months that name a class filed in a month or on some days."""
        named: Row = {
            "$or": [
                {"planned_on": {"$in": sorted(day.isoformat() for day in days)}},
                {"planned_on": {"$gte": f"{month}-01", "$lte": f"{month}-31"}},
            ]
        }
        which = {"institution_id": institution_id, "month": {"$ne": month}, **named}
        return [kept_of(row) async for row in self._rows.find(which, session=session)]

    async def months_naming(
        self, institution_id: str, days: Iterable[date], *, session: Session
    ) -> set[str]:
        """Return the months of sessions that name a class filed on some days."""
        named = {"$in": sorted(day.isoformat() for day in days)}
        which = {"institution_id": institution_id, "planned_on": named}
        return set(await self._rows.distinct("month", which, session=session))

    async def begun_after(
        self, institution_id: str, moment: datetime, *, session: Session
    ) -> list[Kept]:
        """Return the sessions of an institution that began after a moment and stand."""
        which: Row = {
            "institution_id": institution_id,
            "on": {"$gte": city_date(moment).isoformat()},
            "started_at": {"$gt": moment},
            "withdrawn": {"$ne": True},
        }
        found = self._rows.find(which, session=session).sort("started_at", 1)
        return [kept_of(row) async for row in found.limit(_MOST_BEGUN)]

    async def get(self, session_id: str) -> Kept:
        """Return one session."""
        row = await self._rows.find_one({"_id": session_id})
        if row is None:
            raise HeldSessionNotFound.by_id(session_id)
        return kept_of(row)

    async def page_of(
        self,
        institution_id: str,
        *,
        first: date | None,
        last: date | None,
        before: str | None,
        limit: int,
    ) -> list[Kept]:
        """Return a page of an institution's sessions of some days, those told of last first."""
        which: Row = {"institution_id": institution_id}
        days: Row = {}
        if first is not None:
            days["$gte"] = first.isoformat()
        if last is not None:
            days["$lte"] = last.isoformat()
        if days:
            which["on"] = days
        if before is not None:
            which["_id"] = {"$lt": before}
        found = self._rows.find(which).sort("_id", -1).limit(limit)
        return [kept_of(row) async for row in found]

    async def keep_refused(
        self, refused: Mapping[str, Row], *, now: datetime, session: Session
    ) -> None:
        """Keep what was refused, each body of a sender once."""
        writes = [
            UpdateOne({"_id": key}, {"$setOnInsert": {**row, "received_at": now}}, upsert=True)
            for key, row in refused.items()
        ]
        if writes:
            await self._refused.bulk_write(writes, ordered=False, session=session)

    async def refused(self, sender: str | None, *, after: str, limit: int) -> list[Row]:
        """Return a page of what was refused of a sender, or of all, each body once."""
        which: Row = {"_id": {"$gt": after}}
        if sender is not None:
            which["sender"] = sender
        return await self._refused.find(which).sort("_id").limit(limit).to_list()

    async def refused_count(self) -> int:
        """Count the distinct bodies that were refused."""
        return await self._refused.count_documents({})


def version_key(held: HeldSession) -> str:
    """Return what one version of one session is kept under."""
    return f"{held.identity}|{held.version}"
