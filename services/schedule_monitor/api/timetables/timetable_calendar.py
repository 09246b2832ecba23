"""A filed timetable as iCalendar (RFC 5545), with which calendar programs show it.

What iCalendar has no property for stands in private ones.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from icalendar import Calendar, Event
from icalendar.prop import vText

from services.schedule_monitor.domain.session import KIND_NAMES, Stated
from services.schedule_monitor.domain.timetables.timetable import Timetable
from shared.city_time import CITY_TIME
from shared.ids import id_from

MEDIA_TYPE: Final = "text/calendar"
_PRODUCT: Final = "-//haining//schedule_monitor//ZH"
_PREFIX: Final = "X-HAINING-"
# A class's field by the private property that carries it.
PROPERTIES: Final[Mapping[str, str]] = {
    "class_group": f"{_PREFIX}CLASS-GROUP",
    "stage": f"{_PREFIX}STAGE",
    "kind": f"{_PREFIX}KIND",
    "mode": f"{_PREFIX}MODE",
    "course": f"{_PREFIX}COURSE",
    "teacher": f"{_PREFIX}TEACHER",
    "site": f"{_PREFIX}SITE",
    "room": f"{_PREFIX}ROOM",
    "students": f"{_PREFIX}STUDENTS",
    "delivery": f"{_PREFIX}DELIVERY",
}
STUDENT: Final = f"{_PREFIX}STUDENT"


def filed_calendar(timetable: Timetable, *, now: datetime) -> bytes:
    """Return a filed timetable as a calendar file; a class keeps its UID in later versions."""
    filing = timetable.filing
    calendar = Calendar()
    calendar.add("PRODID", _PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", filing.label)
    seen: dict[str, int] = {}
    for stated in filing.sessions:
        name = f"{stated.on} {stated.start}-{stated.end} {stated.class_group}"
        seen[name] = seen.get(name, 0) + 1
        uid = id_from("\n".join((*filing.place, name, str(seen[name]))))
        calendar.add_component(_event(stated, uid, filing.version, now))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _event(stated: Stated, uid: str, version: int, now: datetime) -> Event:
    setting = stated.setting
    event = Event()
    event.add("UID", uid)
    event.add("DTSTAMP", now.astimezone(UTC))
    event.add("SEQUENCE", version)
    event.add("SUMMARY", stated.class_group)
    event.add("DTSTART", datetime.combine(stated.on, stated.start, CITY_TIME))
    event.add("DTEND", datetime.combine(stated.on, stated.end, CITY_TIME))
    if place := " ".join(part for part in (setting.site, setting.room) if part):
        event.add("LOCATION", place)
    if stated.kind is not None:
        event.add("CATEGORIES", [KIND_NAMES[stated.kind]])
    told = {
        "class_group": stated.class_group,
        "stage": stated.stage,
        "kind": stated.kind,
        "mode": stated.mode,
        "course": setting.course,
        "teacher": setting.teacher,
        "site": setting.site,
        "room": setting.room,
        "students": None if setting.students is None else str(setting.students),
        "delivery": setting.delivery,
    }
    for field, value in told.items():
        if value is not None:
            event.add(PROPERTIES[field], vText(value))
    for student in setting.roster:
        event.add(STUDENT, vText(student))
    return event
