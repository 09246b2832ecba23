"""Reads iCalendar (RFC 5545): events of a calendar program become classes in city wall time."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, ClassVar, Final, TypeAlias

import recurring_ical_events
from dateutil.rrule import rrulestr
from icalendar import Calendar
from icalendar.prop import vUnknown
from pydantic import ValidationError

from services.schedule_monitor.api.fields import SessionIn
from services.schedule_monitor.api.timetable_calendar import PROPERTIES, STUDENT
from services.schedule_monitor.domain.pattern import LONGEST_PATTERN_DAYS
from services.schedule_monitor.domain.session import Stage, Stated
from services.schedule_monitor.domain.timetable import (
    MOST_SESSIONS_OF_A_FILING,
    TooManySessions,
)
from shared.city_time import CITY_TIME
from shared.errors import Rejected
from shared.problem import field_errors

# The library types a value as one of thirty classes.
_Event: TypeAlias = Any

MOST_BYTES: Final = 1024 * 1024
MOST_EVENTS: Final = 3_000
_MOST_TOLD: Final = 20
_EARLIEST: Final = 2000
_LATEST: Final = 2099
_ON_TIME: Final = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE"})
_LONGEST_UID: Final = 255
_FREQUENCIES: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_FINER: Final = ("BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS")
# What is taken out of a series again is expanded first.
_MOST_EXPANDED: Final = 4 * MOST_SESSIONS_OF_A_FILING
_ESCAPED: Final = re.compile(r"\\([\\,;nN])")
_SPAN: Final = timedelta(days=LONGEST_PATTERN_DAYS)


class CalendarRefused(Rejected):
    """A calendar file with something that is no class; nothing of it is taken."""

    code: ClassVar[str] = "calendar-file-refused"
    title: ClassVar[str] = "日历文件有误，整份未接收"


class _Wrong(Exception):
    """What is wrong with one event."""

    def __init__(self, uid: str, reason: str) -> None:
        super().__init__(reason)
        self.uid = uid
        self.reason = reason


def read_calendar(content: bytes, *, stage: Stage | None) -> list[Stated]:
    """Return the classes of a calendar file; ``stage`` is that of events that tell none.

    Raises ``CalendarRefused`` with the UIDs of what is no class: all-day events, events across
    midnight or that end before they start, endless or overlong series, one UID for two events.
    """
    calendar = _parsed(content)
    events = calendar.walk("VEVENT")
    if not 0 < len(events) <= MOST_EVENTS:
        raise CalendarRefused(f"日历文件须有 1 至 {MOST_EVENTS} 个日程，现有 {len(events)} 个。")
    _refuse(_wrongs(_check, events))
    _refuse(_repeated(events))
    masters = {_uid(one): one for one in events if "RECURRENCE-ID" not in one}
    found: list[Stated] = []

    def take(one: _Event) -> None:
        if str(one.get("STATUS", "")).upper() != "CANCELLED":
            found.append(_stated(one, masters.get(_uid(one), one), stage))

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


def _occurrences(calendar: Calendar, events: Iterable[_Event]) -> list[_Event]:
    """Return every event of every series, without those that were taken out or moved."""
    if sum(map(_most_of, events)) > _MOST_EXPANDED:
        raise _too_many()
    days = [_day_of(one["DTSTART"].dt) for one in events]
    window = min(days) - timedelta(days=2), max(days) + 2 * _SPAN
    try:
        found = recurring_ical_events.of(calendar).between(*window)
    except Exception as error:
        # As above: what no check of ours foresaw is still no trace for the caller.
        raise CalendarRefused("重复规则无法展开，请改为逐节列出。") from error
    if len(found) > MOST_SESSIONS_OF_A_FILING:
        raise _too_many()
    return sorted(found, key=lambda one: (str(one["DTSTART"].dt), _uid(one)))


def _too_many() -> TooManySessions:
    return TooManySessions(
        f"一次报送至多{MOST_SESSIONS_OF_A_FILING}节课，日历展开后超出；请按年级或班级分为多份课表。"
    )


def _most_of(event: _Event) -> int:
    """Return how many events a series has at most, before any of them is made."""
    rule = event.get("RRULE")
    if rule is None:
        return 1
    days = int(rule["COUNT"][0]) if "COUNT" in rule else LONGEST_PATTERN_DAYS + 1
    if "UNTIL" in rule:
        days = (_day_of(rule["UNTIL"][0]) - _day_of(event["DTSTART"].dt)).days + 1
    if "COUNT" not in rule and rule["FREQ"] == ["WEEKLY"]:
        return (days // 7 + 1) * max(len(rule.get("BYDAY", ())), 1)
    return max(days, 1)


def _check(event: _Event) -> None:
    """Refuse an event that cannot be a class, or whose series has no end within a school year."""
    uid = _uid(event)
    if not uid:
        raise _Wrong("", "日程缺少 UID")
    if any(name in _ON_TIME for name, _ in event.errors):
        raise _Wrong(uid, "时间或重复规则无法读取")
    for name in ("DTSTART", "DTEND"):
        if name in event:
            _check_moment(uid, event[name])
    if "DTSTART" not in event or ("DTEND" not in event and "DURATION" not in event):
        raise _Wrong(uid, "须有开始和结束时间（DTSTART 与 DTEND 或 DURATION）")
    _check_order(uid, event)
    if isinstance(event.get("RRULE"), list):
        raise _Wrong(uid, "至多一条重复规则（RRULE）")
    if "RRULE" in event:
        _check_rule(uid, event)


def _check_moment(uid: str, value: Any) -> None:  # noqa: ANN401 - the library's values
    moment = getattr(value, "dt", None)
    if isinstance(moment, date) and not isinstance(moment, datetime):
        raise _Wrong(uid, "全天日程不是课，须有开始和结束时间")
    if not isinstance(moment, datetime):
        raise _Wrong(uid, "时间无法读取")
    if not _EARLIEST <= moment.year <= _LATEST:
        raise _Wrong(uid, f"年份须在 {_EARLIEST} 至 {_LATEST} 之间")
    if moment.tzinfo is None and "TZID" in value.params:
        raise _Wrong(uid, f"未知时区 {str(value.params['TZID'])[:64]}")


def _check_order(uid: str, event: _Event) -> None:
    """Refuse an event that ends before it starts; the library would turn it round."""
    start = _in_city(event["DTSTART"].dt)
    lasting = event["DURATION"].dt if "DTEND" not in event else None
    end = _in_city(event["DTEND"].dt) if lasting is None else start + lasting
    if end <= start:
        raise _Wrong(uid, "结束时间须晚于开始时间")


def _repeated(events: Iterable[_Event]) -> Iterator[_Wrong]:
    """Give the UIDs of two events, of which only one would be taken (RFC 5545, 3.8.4.7)."""
    seen: set[tuple[str, str]] = set()
    for event in events:
        moved = event.get("RECURRENCE-ID")
        key = (_uid(event), "" if moved is None else str(moved.dt))
        if key in seen:
            yield _Wrong(key[0], "UID 重复：每个日程须有自己的 UID，改期的另写 RECURRENCE-ID")
        seen.add(key)


def _check_rule(uid: str, event: _Event) -> None:
    rule, start = event["RRULE"], event["DTSTART"].dt
    _end_with_the_day(rule)
    if not _FREQUENCIES.issuperset(rule.get("FREQ", ())) or any(name in rule for name in _FINER):
        raise _Wrong(uid, "重复规则只能按天、周、月、年，且每天至多一节")
    too_long = _Wrong(uid, f"重复不得超过{LONGEST_PATTERN_DAYS}天或没有终止（UNTIL 或 COUNT）")
    last = start.date() + _SPAN
    if "UNTIL" in rule and _day_of(rule["UNTIL"][0]) <= last:
        return
    count = rule["COUNT"][0] if "COUNT" in rule else 0
    if "UNTIL" in rule or not 0 < count <= LONGEST_PATTERN_DAYS:
        raise too_long
    parts = {name: value for name, value in rule.items() if name != "COUNT"}
    open_rule = type(rule)(parts).to_ical().decode()
    within = rrulestr(f"{open_rule};UNTIL={last:%Y%m%d}T235959", dtstart=start.replace(tzinfo=None))
    # What does not come within a school year may never come: it is not waited for.
    if len(list(islice(within, count))) < count:
        raise too_long


def _end_with_the_day(rule: Any) -> None:  # noqa: ANN401 - the library's values
    """Include the last day of a rule that names a day; the library would end as it begins."""
    last = rule["UNTIL"][0] if "UNTIL" in rule else None
    if last is not None and not isinstance(last, datetime):
        rule["UNTIL"] = [datetime.combine(last, time(23, 59, 59))]


def _stated(event: _Event, master: _Event, stage: Stage | None) -> Stated:
    uid = _uid(event)
    start, end = (_in_city(event[name].dt) for name in ("DTSTART", "DTEND"))
    if start.date() != end.date():
        raise _Wrong(uid, f"{start:%Y-%m-%d %H:%M}（北京时间）的日程跨越零点，课程须当天结束")
    told: dict[str, Any] = {
        "date": start.date().isoformat(),
        "start": start.time().isoformat(timespec="seconds"),
        "end": end.time().isoformat(timespec="seconds"),
    }
    if stage is not None:
        told["stage"] = stage
    if summary := str(event.get("SUMMARY", "")):
        told["class_group"] = summary
    for field, name in PROPERTIES.items():
        value = event.get(name, master.get(name))
        if value is not None:
            told[field] = int(value) if field == "students" and _is_number(value) else _text(value)
    students = event.get(STUDENT, master.get(STUDENT, []))
    told["roster"] = [
        _text(one) for one in (students if isinstance(students, list) else [students])
    ]
    try:
        return SessionIn.model_validate(told).stated()
    except ValidationError as error:
        [first, *_] = field_errors(list(error.errors()))
        name = PROPERTIES.get(first.pointer.split("/")[1], first.pointer)
        raise _Wrong(uid, f"{name}：{first.detail}") from None


def _wrongs(check: Any, events: Iterable[_Event]) -> Iterator[_Wrong]:  # noqa: ANN401 - a check or a taking
    for event in events:
        try:
            check(event)
        except _Wrong as wrong:
            yield wrong


def _refuse(wrongs: Iterator[_Wrong]) -> None:
    found = list(wrongs)
    if found:
        raise CalendarRefused(
            f"有{len(found)}个日程不能作为课，列出前{min(len(found), _MOST_TOLD)}个。",
            fields=[(f"/uid/{one.uid}", one.reason) for one in found[:_MOST_TOLD]],
        )


def _uid(event: _Event) -> str:
    return str(event.get("UID", ""))[:_LONGEST_UID]


def _in_city(moment: datetime) -> datetime:
    """Return city wall time; a moment without a zone is on the city's clocks."""
    return moment if moment.tzinfo is None else moment.astimezone(CITY_TIME).replace(tzinfo=None)


def _day_of(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _text(value: object) -> str:
    """Return a text; the library leaves private properties as they are escaped in the file."""
    if not isinstance(value, vUnknown):
        return str(value)
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _is_number(value: object) -> bool:
    return str(value).isascii() and str(value).isdigit()
