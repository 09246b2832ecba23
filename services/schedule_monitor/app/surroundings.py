"""Brings together what an institution has filed beside its timetables."""

from services.schedule_monitor.domain.surroundings import Surroundings
from services.schedule_monitor.store.courses import CourseStore
from services.schedule_monitor.store.teaching_rooms import TeachingRoomStore
from shared.mongo import Database, Session


class SurroundingsDesk:
    """Reads courses and rooms, as the caller's transaction sees them."""

    def __init__(self, db: Database) -> None:
        self._courses = CourseStore(db)
        self._rooms = TeachingRoomStore(db)

    async def of(self, institution_id: str, *, session: Session | None = None) -> Surroundings:
        """Return what stands beside the classes of one institution."""
        courses = await self._courses.current_of(institution_id, session=session)
        rooms = await self._rooms.current_of(institution_id, session=session)
        return Surroundings(
            courses={one.filed.code: one.filed for one in courses},
            rooms={(one.filed.site, one.filed.room): one.filed for one in rooms},
        )
