"""Filed rooms in MongoDB: every version stays, the latest of a room is current."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from services.schedule_monitor.domain.timetables.course import RoomFiling
from services.schedule_monitor.domain.timetables.surroundings import FiledRoom
from shared.mongo import Database, Row, Session

_SCHEMA = 1


class TeachingRoomStore:
    """The rooms institutions have filed."""

    def __init__(self, db: Database) -> None:
        self._rows = db["teaching_rooms"]

    async def current_of(
        self, institution_id: str, *, session: Session | None = None
    ) -> list[RoomFiling]:
        """Return an institution's rooms, by site and name."""
        found = await self.current_of_all([institution_id], session=session)
        return found.get(institution_id, [])

    async def current_of_all(
        self, institutions: Iterable[str], *, session: Session | None = None
    ) -> dict[str, list[RoomFiling]]:
        """Return the rooms of some institutions, by institution, site and name."""
        which = {"institution_id": {"$in": sorted(institutions)}, "current": True}
        order = [("site", 1), ("room", 1)]
        found: dict[str, list[RoomFiling]] = {}
        async for row in self._rows.find(which, session=session).sort(order):
            found.setdefault(row["institution_id"], []).append(_room(row))
        return found

    async def find(
        self, institution_id: str, site: str, room: str, *, session: Session | None = None
    ) -> RoomFiling | None:
        """Return the current version of a room."""
        which = {"institution_id": institution_id, "site": site, "room": room, "current": True}
        row = await self._rows.find_one(which, session=session)
        return None if row is None else _room(row)

    async def count(self, institution_id: str, *, session: Session) -> int:
        """Count an institution's rooms."""
        which = {"institution_id": institution_id, "current": True}
        return await self._rows.count_documents(which, session=session)

    async def add(
        self, institution_id: str, room: RoomFiling, *, now: datetime, session: Session
    ) -> None:
        """Make a version current, in the caller's transaction."""
        one = {"institution_id": institution_id, "site": room.filed.site, "room": room.filed.room}
        await self._rows.update_many(
            {**one, "current": True}, {"$set": {"current": False}}, session=session
        )
        row: Row = {
            "_id": f"{institution_id}/{room.filed.site}/{room.filed.room}/{room.version}",
            "schema": _SCHEMA,
            **one,
            "version": room.version,
            "current": True,
            # BSON has a decimal of its own, but no driver writes Python's without a codec.
            "area_m2": str(room.filed.area_m2),
            "filed_at": now,
        }
        await self._rows.insert_one(row, session=session)


def _room(row: Row) -> RoomFiling:
    return RoomFiling(
        filed=FiledRoom(site=row["site"], room=row["room"], area_m2=Decimal(row["area_m2"])),
        version=row["version"],
    )
