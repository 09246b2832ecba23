"""File a course or a room; the institution's classes are judged again beside it."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.schedule_monitor.domain.timetables.course import (
    MOST_COURSES,
    MOST_ROOMS,
    CourseFiling,
    RoomFiling,
    SiteUnknown,
    TooManyFiled,
)
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.timetables.courses import CourseStore
from services.schedule_monitor.store.timetables.teaching_rooms import TeachingRoomStore
from shared.audit.log import AuditLog, Entry, Who
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Session, transact


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDesk:
    """What filing courses and rooms needs."""

    db: Database
    courses: CourseStore
    rooms: TeachingRoomStore
    institutions: InstitutionReplica
    audit: AuditLog


async def file_course(
    institution_id: str, course: CourseFiling, *, who: Who, desk: CourseDesk, now: datetime
) -> tuple[CourseFiling, bool]:
    """Make a course the current version of its code; a repeat changes nothing."""
    await desk.institutions.get(institution_id)
    code = course.filed.code

    async def work(session: Session) -> tuple[CourseFiling, bool]:
        known = await desk.courses.find(institution_id, code, session=session)
        if known is not None and known.says_the_same_as(course):
            return known, False
        if known is None:
            count = await desk.courses.count(institution_id, session=session)
            _within(count, MOST_COURSES, "门课程")
        filed = replace(course, version=1 if known is None else known.version + 1)
        await desk.courses.add(institution_id, filed, now=now, session=session)
        entry = _entry("course", institution_id, code, filed.version, who)
        await _committed(institution_id, entry, desk, session)
        return filed, True

    return await transact(desk.db, work)


async def file_room(
    institution_id: str, room: RoomFiling, *, who: Who, desk: CourseDesk, now: datetime
) -> tuple[RoomFiling, bool]:
    """Make a room the current version of its place; a repeat changes nothing."""
    site, name = room.filed.site, room.filed.room
    if site not in await desk.institutions.sites_of(institution_id):
        raise SiteUnknown(f"登记信息中没有该机构编号为{site}的教学点。")

    async def work(session: Session) -> tuple[RoomFiling, bool]:
        known = await desk.rooms.find(institution_id, site, name, session=session)
        if known is not None and known.filed == room.filed:
            return known, False
        if known is None:
            count = await desk.rooms.count(institution_id, session=session)
            _within(count, MOST_ROOMS, "间教室")
        filed = replace(room, version=1 if known is None else known.version + 1)
        await desk.rooms.add(institution_id, filed, now=now, session=session)
        entry = _entry("room", institution_id, f"{site}/{name}", filed.version, who)
        await _committed(institution_id, entry, desk, session)
        return filed, True

    return await transact(desk.db, work)


async def _committed(institution_id: str, entry: Entry, desk: CourseDesk, session: Session) -> None:
    cause = f"{entry.about_kind}:{entry.about_id}:v{entry.details['version']}"
    again = mark("institution", institution_id, FROM_THE_BEGINNING, [cause])
    await desk.db["to_judge"].bulk_write([again], session=session)
    await desk.audit.record(entry, session=session)


def _entry(kind: str, institution_id: str, code: str, version: int, who: Who) -> Entry:
    return Entry(
        action=f"{kind}.filed",
        about_kind=kind,
        about_id=f"{institution_id}/{code}",
        who=who,
        details={"institution": institution_id, "version": version},
    )


def _within(count: int, most: int, unit: str) -> None:
    if count >= most:
        raise TooManyFiled(f"该机构已备案{count}{unit}，不得超过{most}{unit}。")
