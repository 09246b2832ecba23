"""Which events of a calendar can be classes: with a start and an end, and series that end."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final, TypeAlias

from dateutil.rrule import rrulestr

from services.schedule_monitor.domain.timetables.pattern import LONGEST_PATTERN_DAYS
from shared.city_time import CITY_TIME

# The library types a value as one of thirty classes.
Event: TypeAlias = Any

SPAN: Final = timedelta(days=LONGEST_PATTERN_DAYS)
_A_DAY: Final = timedelta(days=1)
_LONGEST_UID: Final = 255
_EARLIEST: Final = 2000
_LATEST: Final = 2099
_ON_TIME: Final = frozenset(
    {"DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID"}
)
_FREQUENCIES: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_FINER: Final = ("BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS")


class Wrong(Exception):
    """What is wrong with one event."""

    def __init__(self, uid: str, reason: str) -> None:
        super().__init__(reason)
        self.uid = uid
        self.reason = reason


def check_event(event: Event) -> None:
    """Refuse an event that cannot be a class, or whose series has no end within a school year."""
    uid = uid_of(event)
    if not uid:
        raise Wrong("", "日程缺少 UID")
    if any(name in _ON_TIME for name, _ in event.errors):
        raise Wrong(uid, "时间或重复规则无法读取")
    _check_times(uid, event)
    if isinstance(event.get("RRULE"), list):
        raise Wrong(uid, "至多一条重复规则（RRULE）")
    if "RRULE" in event:
        _check_rule(uid, event)
    if "RDATE" in event:
        _check_more_days(uid, event)


def _check_times(uid: str, event: Event) -> None:
    for name in ("DTSTART", "DTEND"):
        if name in event:
            _check_moment(uid, event[name])
    if "DTSTART" not in event or ("DTEND" not in event and "DURATION" not in event):
        raise Wrong(uid, "须有开始和结束时间（DTSTART 与 DTEND 或 DURATION）")
    _check_order(uid, event)


def _check_moment(uid: str, value: Any) -> None:  # noqa: ANN401 - the library's values
    moment = getattr(value, "dt", None)
    if isinstance(moment, date) and not isinstance(moment, datetime):
        raise Wrong(uid, "全天日程不是课，须有开始和结束时间")
    if not isinstance(moment, datetime):
        raise Wrong(uid, "时间无法读取")
    if not _EARLIEST <= moment.year <= _LATEST:
        raise Wrong(uid, f"年份须在 {_EARLIEST} 至 {_LATEST} 之间")
    if moment.tzinfo is None and "TZID" in value.params:
        raise Wrong(uid, f"未知时区 {str(value.params['TZID'])[:64]}")


def _check_order(uid: str, event: Event) -> None:
    """Refuse an event that ends before it starts; the library would turn it round."""
    start = in_city(event["DTSTART"].dt)
    if "DTEND" in event:
        end = in_city(event["DTEND"].dt)
    else:
        lasting = getattr(event["DURATION"], "dt", None)
        if not isinstance(lasting, timedelta) or lasting > _A_DAY:
            raise Wrong(uid, "时长（DURATION）须不超过一天")
        end = start + lasting
    if end <= start:
        raise Wrong(uid, "结束时间须晚于开始时间")


def repeated(events: Iterable[Event]) -> Iterator[Wrong]:
    """Give the UIDs of two events, of which only one would be taken (RFC 5545, 3.8.4.7)."""
    seen: set[tuple[str, str]] = set()
    for event in events:
        moved = event.get("RECURRENCE-ID")
        key = (uid_of(event), "" if moved is None else str(getattr(moved, "dt", moved)))
        if key in seen:
            yield Wrong(key[0], "UID 重复：每个日程须有自己的 UID，改期的另写 RECURRENCE-ID")
        seen.add(key)


def _check_rule(uid: str, event: Event) -> None:
    rule, start = event["RRULE"], event["DTSTART"].dt
    _end_with_the_day(rule)
    frequency = rule.get("FREQ", [])
    if not frequency or not _FREQUENCIES.issuperset(frequency) or any(it in rule for it in _FINER):
        raise Wrong(uid, "重复规则只能按天、周、月、年，且每天至多一节")
    if min(rule.get("INTERVAL", [1])) < 1:
        raise Wrong(uid, "重复规则的间隔（INTERVAL）须为正整数")
    last = start.date() + SPAN
    if "UNTIL" in rule:
        if not start.date() <= day_of(rule["UNTIL"][0]) <= last:
            raise Wrong(uid, f"终止日期（UNTIL）须在开始之后{LONGEST_PATTERN_DAYS}天之内")
        return
    count = rule["COUNT"][0] if "COUNT" in rule else 0
    # What does not come within a school year may never come: it is not waited for.
    if not 0 < count <= LONGEST_PATTERN_DAYS or _times_until(last, event, most=count) < count:
        raise Wrong(uid, f"重复不得超过{LONGEST_PATTERN_DAYS}天或没有终止（UNTIL 或 COUNT）")


def _times_until(last: date, event: Event, *, most: int) -> int:
    rule, start = event["RRULE"], event["DTSTART"].dt.replace(tzinfo=None)
    parts = {name: value for name, value in rule.items() if name != "COUNT"}
    open_rule = type(rule)(parts).to_ical().decode()
    within = rrulestr(f"{open_rule};UNTIL={last:%Y%m%d}T235959", dtstart=start)
    return len(list(islice(within, most)))


def _check_more_days(uid: str, event: Event) -> None:
    """Refuse days of RDATE that lie beyond a school year: nobody would look for them there."""
    given = event["RDATE"] if isinstance(event["RDATE"], list) else [event["RDATE"]]
    days = [day_of(_start_of(one.dt)) for some in given for one in some.dts]
    first = event["DTSTART"].dt.date()
    if any(not first <= day <= first + SPAN for day in days):
        raise Wrong(uid, f"另加的日期（RDATE）须在开始之后{LONGEST_PATTERN_DAYS}天之内")


def _start_of(moment: Any) -> date:  # noqa: ANN401 - the library's values: a moment, a day or a period
    found: date = moment[0] if isinstance(moment, tuple) else moment
    return found


def _end_with_the_day(rule: Any) -> None:  # noqa: ANN401 - the library's values
    """Include the last day of a rule that names a day; the library would end as it begins."""
    last = rule["UNTIL"][0] if "UNTIL" in rule else None
    if last is not None and not isinstance(last, datetime):
        rule["UNTIL"] = [datetime.combine(last, time(23, 59, 59))]


def uid_of(event: Event) -> str:
    """Return what names an event, short enough to be told."""
    return str(event.get("UID", ""))[:_LONGEST_UID]


def in_city(moment: datetime) -> datetime:
    """Return city wall time; a moment without a zone is on the city's clocks."""
    return moment if moment.tzinfo is None else moment.astimezone(CITY_TIME).replace(tzinfo=None)


def day_of(moment: date) -> date:
    """Return the day of what may be a day or a moment."""
    return moment.date() if isinstance(moment, datetime) else moment
