"""Classes of one institution as a frame: the columns that rules are written in."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import polars as pl

from services.schedule_monitor.domain.rules.columns import FILED, SESSION, of_day
from services.schedule_monitor.domain.session import Session
from services.schedule_monitor.domain.timetables.surroundings import (
    FiledCourse,
    FiledRoom,
    Surroundings,
)

_SCHEMA: Final = pl.Schema({**SESSION, **FILED})
_CM2_OF_M2 = 10_000


def frame_of(sessions: Sequence[Session], surroundings: Surroundings) -> pl.DataFrame:
    """Return a row for each class, in the order given, beside what was filed of it."""
    return frame_in([(session, surroundings) for session in sessions])


def frame_in(placed: Sequence[tuple[Session, Surroundings]]) -> pl.DataFrame:
    """Return a row for each class, each beside what its own institution filed."""
    sessions = [session for session, _ in placed]
    settings = [one.setting for one in sessions]
    courses = [course_of(one, beside) for one, beside in placed]
    areas = [area_of(one, beside) for one, beside in placed]
    columns = {
        "on": [one.on for one in sessions],
        "start": [of_day(one.start) for one in sessions],
        "end": [of_day(one.end) for one in sessions],
        "class_group": [one.class_group for one in sessions],
        "stage": [one.stage for one in sessions],
        "kind": [one.kind for one in sessions],
        "mode": [one.mode for one in sessions],
        "course": [one.course for one in settings],
        "teacher": [one.teacher for one in settings],
        "room": [one.room for one in settings],
        "site": [one.site for one in settings],
        "students": [one.students for one in settings],
        "roster": [one.roster or None for one in settings],
        "delivery": [one.delivery for one in settings],
        "files_courses": [bool(beside.courses) for _, beside in placed],
        "course_filed": [one is not None for one in courses],
        "course_text": [None if one is None else one.text for one in courses],
        "course_delivery": [None if one is None else one.delivery for one in courses],
        "area_cm2": [None if one is None else int(one * _CM2_OF_M2) for one in areas],
    }
    return pl.DataFrame(columns, schema=_SCHEMA)


def course_of(session: Session, surroundings: Surroundings) -> FiledCourse | None:
    """Return the filed course that a class names, if it was filed."""
    code = session.setting.course
    return None if code is None else surroundings.courses.get(code)


def room_of(session: Session, surroundings: Surroundings) -> FiledRoom | None:
    """Return the filed room that a class names, if it was filed."""
    site, room = session.setting.site, session.setting.room
    return None if site is None or room is None else surroundings.rooms.get((site, room))


def area_of(session: Session, surroundings: Surroundings) -> Decimal | None:
    """Return the area that the students of a class share at most, in square metres.

    Where the room is not filed it is that of the whole registered site: no room of it is larger.
    """
    room, site = room_of(session, surroundings), session.setting.site
    if room is not None:
        return room.area_m2
    return None if site is None else surroundings.sites_m2.get(site)
