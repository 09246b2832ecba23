"""Brings together what is known of an institution beside its timetables."""

from collections.abc import Collection

from services.schedule_monitor.domain.timetables.surroundings import Surroundings
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.timetables.courses import CourseStore
from services.schedule_monitor.store.timetables.teaching_rooms import TeachingRoomStore
from shared.mongo import Database, Session


class SurroundingsDesk:
    """Reads courses, rooms and sites, as the caller's transaction sees them."""

    def __init__(self, db: Database) -> None:
        self._courses = CourseStore(db)
        self._rooms = TeachingRoomStore(db)
        self._institutions = InstitutionReplica(db)

    async def of(self, institution_id: str, *, session: Session | None = None) -> Surroundings:
        """Return what stands beside the classes of one institution."""
        found = await self.of_all([institution_id], session=session)
        return found[institution_id]

    async def of_all(
        self, institutions: Collection[str], *, session: Session | None = None
    ) -> dict[str, Surroundings]:
        """Return what stands beside the classes of some institutions, of each."""
        courses = await self._courses.current_of_all(institutions, session=session)
        rooms = await self._rooms.current_of_all(institutions, session=session)
        sites = await self._institutions.areas_of_all(institutions, session=session)
        return {
            each: Surroundings(
                courses={one.filed.code: one.filed for one in courses.get(each, ())},
                rooms={(one.filed.site, one.filed.room): one.filed for one in rooms.get(each, ())},
                sites_m2=sites.get(each, {}),
            )
            for each in institutions
        }
