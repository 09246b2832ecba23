"""Reads iCalendar (RFC 5545): events of a calendar program become classes in city wall time."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any, ClassVar, Final

import recurring_ical_events
from icalendar import Calendar
from icalendar.prop import vUnknown
from pydantic import ValidationError

from services.schedule_monitor.api.fields import SessionIn
from services.schedule_monitor.api.timetables.timetable_calendar import PROPERTIES, STUDENT
from services.schedule_monitor.api.timetables.timetable_calendar_events import (
    SPAN,
    Event,
    Wrong,
    check_event,
    day_of,
    in_city,
    repeated,
    uid_of,
)
from services.schedule_monitor.domain.session import Stage, Stated
from services.schedule_monitor.domain.timetables.pattern import LONGEST_PATTERN_DAYS
from services.schedule_monitor.domain.timetables.timetable import (
    MOST_SESSIONS_OF_A_FILING,
    TooManySessions,
)
from shared.errors import Rejected
from shared.problem import field_errors

MOST_BYTES: Final = 1024 * 1024
MOST_EVENTS: Final = 3_000
_MOST_TOLD: Final = 20
# What is taken out of a series again is expanded first.
_MOST_EXPANDED: Final = 4 * MOST_SESSIONS_OF_A_FILING
_ESCAPED: Final = re.compile(r"\\([\\,;nN])")


class CalendarRefused(Rejected):
    """A calendar file with something that is no class; nothing of it is taken."""

    code: ClassVar[str] = "calendar-file-refused"
    title: ClassVar[str] = "日历文件有误，整份未接收"


def read_calendar(content: bytes, *, stage: Stage | None) -> list[Stated]:
    """Return the classes of a calendar file; ``stage`` is that of events that tell none.

    Raises ``CalendarRefused`` with the UIDs of what is no class: all-day events, events across
    midnight or that end before they start, endless or overlong series, one UID for two events.
    """
    calendar = _parsed(content)
    events = calendar.walk("VEVENT")
    if not 0 < len(events) <= MOST_EVENTS:
        raise CalendarRefused(f"日历文件须有 1 至 {MOST_EVENTS} 个日程，现有 {len(events)} 个。")
    _refuse(_wrongs(check_event, events))
    _refuse(repeated(events))
    masters = {uid_of(one): one for one in events if "RECURRENCE-ID" not in one}
    found: list[Stated] = []

    def take(one: Event) -> None:
        if str(one.get("STATUS", "")).upper() != "CANCELLED":
            found.append(_stated(one, masters.get(uid_of(one), one), stage))

    _refuse(_wrongs(take, _occurrences(calendar, events)))
    return found


def _parsed(content: bytes) -> Calendar:
    try:
        calendar = Calendar.from_ical(content)
    except Exception as error:
        # The library lets through whatever its parsers of values raise.
        raise CalendarRefused("不是有效的 iCalendar 文件（RFC 5545，UTF-8）。") from error
    if not isinstance(calendar, Calendar):
        raise CalendarRefused("文件须是一个 VCALENDAR。")
    return calendar


def _occurrences(calendar: Calendar, events: Iterable[Event]) -> list[Event]:
    """Return every event of every series, without those that were taken out or moved."""
    if sum(map(_most_of, events)) > _MOST_EXPANDED:
        raise _too_many()
    days = [day_of(one["DTSTART"].dt) for one in events]
    window = min(days) - timedelta(days=2), max(days) + 2 * SPAN
    try:
        found = recurring_ical_events.of(calendar).between(*window)
    except Exception as error:
        # As above: what no check of ours foresaw is still no trace for the caller.
        raise CalendarRefused("重复规则无法展开，请改为逐节列出。") from error
    if len(found) > MOST_SESSIONS_OF_A_FILING:
        raise _too_many()
    return sorted(found, key=lambda one: (str(one["DTSTART"].dt), uid_of(one)))


def _too_many() -> TooManySessions:
    return TooManySessions(
        f"一次报送至多{MOST_SESSIONS_OF_A_FILING}节课，日历展开后超出；请按年级或班级分为多份课表。"
    )


def _most_of(event: Event) -> int:
    """Return how many events a series has at most, before any of them is made."""
    rule = event.get("RRULE")
    if rule is None:
        return 1
    days = int(rule["COUNT"][0]) if "COUNT" in rule else LONGEST_PATTERN_DAYS + 1
    if "UNTIL" in rule:
        days = (day_of(rule["UNTIL"][0]) - day_of(event["DTSTART"].dt)).days + 1
    if "COUNT" not in rule and rule["FREQ"] == ["WEEKLY"]:
        return (days // 7 + 1) * max(len(rule.get("BYDAY", ())), 1)
    return max(days, 1)


def _stated(event: Event, master: Event, stage: Stage | None) -> Stated:
    uid = uid_of(event)
    start, end = (in_city(event[name].dt) for name in ("DTSTART", "DTEND"))
    if start.date() != end.date():
        raise Wrong(uid, f"{start:%Y-%m-%d %H:%M}（北京时间）的日程跨越零点，课程须当天结束")
    told: dict[str, Any] = {
        "date": start.date().isoformat(),
        "start": start.time().isoformat(timespec="seconds"),
        "end": end.time().isoformat(timespec="seconds"),
    }
    if stage is not None:
        told["stage"] = stage
    if summary := _once(event, "SUMMARY", ""):
        told["class_group"] = str(summary)
    for field, name in PROPERTIES.items():
        value = _once(event, name, _once(master, name))
        if value is not None:
            told[field] = (
                int(str(value)) if field == "students" and _is_number(value) else _text(value)
            )
    students = event.get(STUDENT, master.get(STUDENT, []))
    told["roster"] = [
        _text(one) for one in (students if isinstance(students, list) else [students])
    ]
    try:
        return SessionIn.model_validate(told).stated()
    except ValidationError as error:
        [first, *_] = field_errors(list(error.errors()))
        name = PROPERTIES.get(first.pointer.split("/")[1], first.pointer)
        raise Wrong(uid, f"{name}：{first.detail}") from None


def _wrongs(check: Callable[[Event], object], events: Iterable[Event]) -> Iterator[Wrong]:
    for event in events:
        try:
            check(event)
        except Wrong as wrong:
            yield wrong


def _refuse(wrongs: Iterator[Wrong]) -> None:
    found = list(wrongs)
    if found:
        raise CalendarRefused(
            f"有{len(found)}个日程不能作为课，列出前{min(len(found), _MOST_TOLD)}个。",
            fields=[(f"/uid/{one.uid}", one.reason) for one in found[:_MOST_TOLD]],
        )


def _once(event: Event, name: str, otherwise: object = None) -> object:
    value = event.get(name, otherwise)
    if isinstance(value, list):
        raise Wrong(uid_of(event), f"{name} 只能写一次")
    return value


def _text(value: object) -> str:
    """Return a text; the library leaves private properties as they are escaped in the file."""
    if not isinstance(value, vUnknown):
        return str(value)
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _is_number(value: object) -> bool:
    return str(value).isascii() and str(value).isdigit()
