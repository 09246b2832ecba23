"""Filed courses in MongoDB: every version stays, the latest of a code is current."""

from collections.abc import Iterable
from datetime import datetime

from services.schedule_monitor.domain.timetables.course import CourseFiling
from services.schedule_monitor.domain.timetables.surroundings import FiledCourse
from shared.mongo import Database, Row, Session

_SCHEMA = 1


class CourseStore:
    """The courses institutions have filed."""

    def __init__(self, db: Database) -> None:
        self._rows = db["courses"]

    async def current_of(
        self, institution_id: str, *, session: Session | None = None
    ) -> list[CourseFiling]:
        """Return an institution's courses, by code."""
        found = await self.current_of_all([institution_id], session=session)
        return found.get(institution_id, [])

    async def current_of_all(
        self, institutions: Iterable[str], *, session: Session | None = None
    ) -> dict[str, list[CourseFiling]]:
        """Return the courses of some institutions, by institution and code."""
        which = {"institution_id": {"$in": sorted(institutions)}, "current": True}
        found: dict[str, list[CourseFiling]] = {}
        async for row in self._rows.find(which, session=session).sort("code", 1):
            found.setdefault(row["institution_id"], []).append(_course(row))
        return found

    async def find(
        self, institution_id: str, code: str, *, session: Session | None = None
    ) -> CourseFiling | None:
        """Return the current version of a course."""
        row = await self._rows.find_one(
            {"institution_id": institution_id, "code": code, "current": True}, session=session
        )
        return None if row is None else _course(row)

    async def filed_after(
        self, institution_id: str, code: str, moment: datetime, *, session: Session
    ) -> CourseFiling | None:
        """Return the current version of a course if it was filed after a moment."""
        which: Row = {
            "institution_id": institution_id,
            "code": code,
            "current": True,
            "filed_at": {"$gt": moment},
        }
        row = await self._rows.find_one(which, session=session)
        return None if row is None else _course(row)

    async def count(self, institution_id: str, *, session: Session) -> int:
        """Count an institution's courses."""
        which = {"institution_id": institution_id, "current": True}
        return await self._rows.count_documents(which, session=session)

    async def add(
        self, institution_id: str, course: CourseFiling, *, now: datetime, session: Session
    ) -> None:
        """Make a version current, in the caller's transaction."""
        one = {"institution_id": institution_id, "code": course.filed.code}
        await self._rows.update_many(
            {**one, "current": True}, {"$set": {"current": False}}, session=session
        )
        await self._rows.insert_one(_row(institution_id, course, now), session=session)


def _row(institution_id: str, course: CourseFiling, now: datetime) -> Row:
    filed = course.filed
    return {
        "_id": f"{institution_id}/{filed.code}/{course.version}",
        "schema": _SCHEMA,
        "institution_id": institution_id,
        "code": filed.code,
        "version": course.version,
        "current": True,
        "name": filed.name,
        "kind": filed.kind,
        "stage": filed.stage,
        "mode": filed.mode,
        "delivery": filed.delivery,
        "class_size": filed.class_size,
        "subject_matter": filed.subject_matter,
        "materials": list(filed.materials),
        "syllabus": course.syllabus,
        "filed_at": now,
    }


def _course(row: Row) -> CourseFiling:
    return CourseFiling(
        filed=FiledCourse(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            stage=row["stage"],
            mode=row["mode"],
            delivery=row["delivery"],
            class_size=row["class_size"],
            subject_matter=row["subject_matter"],
            materials=tuple(row["materials"]),
        ),
        syllabus=row["syllabus"],
        version=row["version"],
    )
