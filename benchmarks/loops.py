"""The same rules as anyone would write them first: a loop over classes, and dictionaries of days.

Nothing of the service's rules is used here; only what it says of days and words is. The findings
must be the same, and ``benchmarks/schedule.py`` says so before it compares how fast they came.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, time
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.day_facts import DayFacts, day_facts
from services.schedule_monitor.domain.rules.practice_words import practice_words_in
from services.schedule_monitor.domain.rules.subject_words import subject_words_in

_OPINIONS, _SLEEP, _ONLINE = date(2021, 7, 24), date(2021, 4, 2), date(2019, 7, 12)
_OTHER_KINDS, _STANDARDS = date(2022, 12, 29), date(2018, 8, 22)
_HALF_PAST_EIGHT, _NINE, _GAP = 73_800, 75_600, 600
Found: TypeAlias = tuple[str, date, int, str, str]


class Row(NamedTuple):
    """A class as it stands in the file."""

    institution: str
    on: date
    start: int
    end: int
    class_group: str
    stage: str
    kind: str
    mode: str
    course: str | None
    teacher: str | None
    room: str | None
    site: str | None
    students: int | None
    roster: list[str] | None
    delivery: str
    files_courses: bool
    course_filed: bool
    course_text: str | None
    course_delivery: str | None
    area_cm2: int | None


def judge_rows(rows: Sequence[tuple[Any, ...]], calendars: Calendars) -> list[Found]:
    """Return what the classes of whole institution-days break, one after the other."""
    day_of: Callable[..., DayFacts] = cache(lambda stage, on: day_facts(stage, on, calendars))
    days: defaultdict[tuple[str, date], list[Row]] = defaultdict(list)
    for row in rows:
        one = Row(*row)
        days[one.institution, one.on].append(one)
    found: list[Found] = []
    for classes in days.values():
        classes.sort(key=lambda one: (one.start, one.end))
        busy: dict[tuple[str, ...], int] = {}
        for one in classes:
            facts = day_of(one.stage, one.on)
            place = (one.institution, one.on, one.start, one.class_group)
            found += [(*place, f"schedule.{code}") for code in _broken(one, facts, busy)]
    return found


def _broken(  # noqa: C901  (as anyone would write it first)
    one: Row, facts: DayFacts, busy: dict[tuple[str, ...], int]
) -> Iterator[str]:
    new = one.on >= _OPINIONS
    if one.kind == "subject" and new and not facts.exempt:
        yield from _day(facts)
    if one.stage == "preschool" and new:
        yield from _preschool(one)
    if one.mode == "online":
        yield from _online(one, busy)
    elif one.end > _HALF_PAST_EIGHT:
        yield from _offline_end(one)
    if one.kind != "subject" and one.on >= _OTHER_KINDS:
        yield from _other_kind(one, facts)
    if one.files_courses and not one.course_filed and one.on >= _STANDARDS:
        yield "unfiled_course"
    if one.course_text is not None and new:
        yield from _words(one, one.course_text)
    if one.teacher is not None:
        teacher = _until(busy, one, "teacher", one.teacher)
        if new and teacher is not None and one.start < teacher:
            yield "teacher_overlap"
    if one.mode == "offline":
        yield from _housed(one, busy)


def _offline_end(one: Row) -> Iterator[str]:
    if one.on >= _SLEEP:
        yield "offline_end" if one.on >= _OPINIONS else "offline_end_2021"
    elif one.on >= _STANDARDS and one.stage != "preschool":
        yield "offline_end_2018"


def _words(one: Row, text: str) -> Iterator[str]:
    if practice_words_in(text, "homework"):
        yield "homework_words"
    if practice_words_in(text, "ahead"):
        yield "ahead_words"
    if practice_words_in(text, "overseas"):
        yield "overseas_words"
    if one.stage != "preschool" and (
        practice_words_in(text, "contest")
        or (one.kind == "subject" and practice_words_in(text, "contest_general"))
    ):
        yield "contest_words"


def _preschool(one: Row) -> Iterator[str]:
    if one.mode == "online":
        yield "preschool_online"
    elif one.kind == "subject":
        yield "preschool_subject"


def _other_kind(one: Row, facts: DayFacts) -> Iterator[str]:
    teaching = [(_seconds(it.start), _seconds(it.end)) for it in facts.hours or ()]
    if any(one.start < until and begins < one.end for begins, until in teaching):
        yield "school_hours"
    if one.course_text is not None and subject_words_in(one.course_text):
        yield "subject_content"


def _day(facts: DayFacts) -> Iterator[str]:
    kind = facts.day.kind
    if kind == "statutory_holiday":
        yield "statutory_holiday"
    elif kind in ("ordinary_weekend", "in_lieu_rest_day"):
        yield "rest_day"
    elif kind == "adjusted_workday" and facts.adjusted_is_rest:
        yield "adjusted_workday"
    if facts.childrens_day:
        yield "childrens_day"
    breaks = {it.kind for it in facts.school.breaks}
    if breaks & {"winter", "summer"}:
        yield "long_break"
    if breaks - {"winter", "summer"}:
        yield "other_break"


def _online(one: Row, busy: dict[tuple[str, ...], int]) -> Iterator[str]:
    new = one.on >= _OPINIONS
    # The opinions of 2019 are about subject classes for pupils.
    by_2019 = one.on >= _ONLINE and one.kind == "subject" and one.stage != "preschool"
    if one.end > _NINE:
        yield from _online_end(one, by_2019=by_2019)
    if one.end - one.start > (1_800 if new else 2_400) and (new or by_2019):
        yield "online_length" if new else "online_length_2019"
    if one.delivery == "recorded" and one.course_delivery in (None, "live") and new:
        yield "recorded_for_live"
    group = _until(busy, one, "group", one.class_group)
    students = [_until(busy, one, "student", student) for student in one.roster or ()]
    if new or by_2019:
        if group is not None and one.start - group < _GAP:
            yield "online_gap" if new else "online_gap_2019"
        elif any(until is not None and one.start - until < _GAP for until in students):
            yield "student_gap" if new else "student_gap_2019"


def _online_end(one: Row, *, by_2019: bool) -> Iterator[str]:
    if one.on >= _SLEEP:
        yield "online_end" if one.on >= _OPINIONS else "online_end_2021"
    elif by_2019 and one.stage == "compulsory":
        yield "online_end_2019"


def _housed(one: Row, busy: dict[tuple[str, ...], int]) -> Iterator[str]:
    if one.room is not None and one.site is not None:
        room = _until(busy, one, "room", one.site, one.room)
        if room is not None and one.start < room and one.on >= _OPINIONS:
            yield "room_overlap"
    heads = one.students
    if heads is None and one.roster is not None:
        heads = len(one.roster)
    if heads is None or one.area_cm2 is None or one.on < _STANDARDS:
        return
    if heads * 30_000 > one.area_cm2:
        yield "capacity"


def _until(busy: dict[tuple[str, ...], int], one: Row, *who: str) -> int | None:
    """Return until when somebody is busy with an earlier class, and note this one."""
    until = busy.get(who)
    if until is None or until < one.end:
        busy[who] = one.end
    return until


def _seconds(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second
