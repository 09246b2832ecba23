"""The rules on classes once more, from the words of the law: loops over plain objects, no columns.

Kinds of days come from the national calendar, which has its own tests; nothing else is shared.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.session import Session
from services.schedule_monitor.domain.timetables.surroundings import Surroundings

OPINIONS = date(2021, 7, 24)
SLEEP_NOTICE = date(2021, 4, 2)
ONLINE_OPINIONS = date(2019, 7, 12)
STANDARDS = date(2018, 8, 22)
OTHER_KINDS = date(2022, 12, 29)
PRACTICE_WORDS = {"homework_words": "作业", "ahead_words": "提前学", "overseas_words": "国际课程"}
SUBJECT_WORDS = ("数学", "英语", "奥数", "作文")


@dataclass(frozen=True)
class World:
    """What classes are judged in."""

    calendars: Calendars
    surroundings: Surroundings


def broken(sessions: list[Session], index: int, world: World) -> set[str]:
    """Return the codes that one of an institution's classes breaks."""
    rules = (_times, _gaps, _days, _preschool, _filings, _overlaps)
    return {code for rule in rules for code in rule(sessions, index, world)}


def lacks_a_calendar(one: Session, world: World) -> bool:
    """Tell whether a class cannot be called lawful because something is not loaded."""
    if one.kind == "subject":
        if one.on < OPINIONS or _exempt(one, world):
            return False
        return _kind(one, world) is None or not _years(one, world)
    if one.stage == "preschool" or one.on < OTHER_KINDS or one.start >= time(16, 30):
        return False
    return _teaching(one, world) is None


def _times(sessions, index, world):
    one = sessions[index]
    lasts = _at(one.end) - _at(one.start)
    if one.mode == "offline" and one.end > time(20, 30):
        pupils = {STANDARDS: "_2018"} if one.stage != "preschool" else {}
        yield from _dated("offline_end", one, pupils, {SLEEP_NOTICE: "_2021", OPINIONS: ""})
    if one.mode == "online" and one.end > time(21, 0):
        pupils = by_2019(one) if one.stage == "compulsory" else {}
        yield from _dated("online_end", one, pupils, {SLEEP_NOTICE: "_2021", OPINIONS: ""})
    if one.mode == "online":
        longest = timedelta(minutes=30 if one.on >= OPINIONS else 40)
        if lasts > longest:
            yield from _dated("online_length", one, by_2019(one), {OPINIONS: ""})
    if one.kind != "subject" and one.on >= OTHER_KINDS:
        teaching = _teaching(one, world) or []
        if any(one.start < until and begins < one.end for begins, until in teaching):
            yield "school_hours"


def _gaps(sessions, index, _world):
    one = sessions[index]
    if one.mode != "online":
        return
    soon = [
        other
        for other in _earlier(sessions, index)
        if other.mode == "online" and _at(one.start) - _at(other.end) < timedelta(minutes=10)
    ]
    dates = by_2019(one), {OPINIONS: ""}
    if any(other.class_group == one.class_group for other in soon):
        yield from _dated("online_gap", one, *dates)
    elif any(set(other.setting.roster) & set(one.setting.roster) for other in soon):
        yield from _dated("student_gap", one, *dates)


def _days(sessions, index, world):
    one = sessions[index]
    if one.kind != "subject" or one.on < OPINIONS or _exempt(one, world):
        return
    kind = _kind(one, world)
    if kind == "statutory_holiday":
        yield "statutory_holiday"
    if kind in ("ordinary_weekend", "in_lieu_rest_day"):
        yield "rest_day"
    if kind == "adjusted_workday" and _decided("adjusted_workdays", one, world) == "rest_day":
        yield "adjusted_workday"
    if _childrens_day(one, world):
        yield "childrens_day"
    breaks = {found.kind for found in _breaks(one, world)}
    if breaks & {"winter", "summer"}:
        yield "long_break"
    if breaks - {"winter", "summer"}:
        yield "other_break"


def _preschool(sessions, index, _world):
    one = sessions[index]
    if one.stage == "preschool" and one.on >= OPINIONS:
        if one.mode == "online":
            yield "preschool_online"
        elif one.kind == "subject":
            yield "preschool_subject"


def _filings(sessions, index, world):
    one = sessions[index]
    setting, filed = one.setting, world.surroundings
    course = filed.courses.get(setting.course)
    if filed.courses and course is None and one.on >= STANDARDS:
        yield "unfiled_course"
    if course is not None and one.kind != "subject" and one.on >= OTHER_KINDS:
        told = course.name + course.subject_matter + "".join(course.materials)
        if any(word in told for word in SUBJECT_WORDS):
            yield "subject_content"
    if course is not None and one.on >= OPINIONS:
        told = "\n".join((course.name, course.subject_matter, *course.materials))
        yield from (code for code, word in PRACTICE_WORDS.items() if word in told)
        # Contests are lawful in sports; asked of pupils only, not of children before school.
        plain = "竞赛" in told and one.kind == "subject"
        if one.stage != "preschool" and ("奥数" in told or plain):
            yield "contest_words"
    recorded = one.mode == "online" and setting.delivery == "recorded" and one.on >= OPINIONS
    if recorded and (course is None or course.delivery == "live"):
        yield "recorded_for_live"
    room = filed.rooms.get((setting.site, setting.room))
    heads = len(setting.roster) if setting.students is None else setting.students
    # A room that nobody filed is no larger than the site that it is in.
    area = filed.sites_m2.get(setting.site) if room is None else room.area_m2
    housed = area is not None and one.mode == "offline" and one.on >= STANDARDS
    if housed and heads * 3 > area:
        yield "capacity"


def _overlaps(sessions, index, _world):
    one = sessions[index]
    if one.on < OPINIONS:
        return
    running = [other for other in _earlier(sessions, index) if other.end > one.start]
    teacher, site, room = one.setting.teacher, one.setting.site, one.setting.room
    if teacher is not None and any(other.setting.teacher == teacher for other in running):
        yield "teacher_overlap"
    if site is not None and room is not None and one.mode == "offline":
        places = [(it.setting.site, it.setting.room) for it in running if it.mode == "offline"]
        if (site, room) in places:
            yield "room_overlap"


def by_2019(one):
    """Return since when the opinions on online training hold for a class: of subjects, for pupils.

    Until another rule takes their place.
    """
    covered = one.kind == "subject" and one.stage != "preschool" and one.on < OPINIONS
    return {ONLINE_OPINIONS: "_2019"} if covered else {}


def _dated(code, one, *dates):
    every = {since: suffix for some in dates for since, suffix in some.items()}
    in_force = [every[since] for since in sorted(every) if since <= one.on]
    if in_force:
        yield code + in_force[-1]


def _earlier(sessions, index):
    one = sessions[index]
    return [
        other
        for place, other in enumerate(sessions)
        if other.on == one.on and (other.start, other.end, place) < (one.start, one.end, index)
    ]


def _at(moment):
    return datetime.combine(date(2000, 1, 1), moment)


def _kind(one, world):
    return world.calendars.city.day(one.on).kind


def _years(one, world):
    return [
        year
        for year in world.calendars.schools
        if year.stage == one.stage and year.first_day <= one.on <= year.last_day
    ]


def _breaks(one, world):
    return [
        found
        for year in _years(one, world)
        for found in year.breaks
        if found.first_day <= one.on <= found.last_day
    ]


def _decided(switch, one, world):
    decisions = [
        it
        for it in world.calendars.policies.decisions
        if it.switch == switch and it.since <= one.on
    ]
    return max(decisions, key=lambda it: it.since).value if decisions else None


def _exempt(one, world):
    return one.stage == "senior_secondary" and _decided("senior_secondary", one, world) == "exempt"


def _childrens_day(one, world):
    first_of_june = (one.on.month, one.on.day) == (6, 1) and one.stage != "senior_secondary"
    return first_of_june and _decided("childrens_day", one, world) == "on"


def _teaching(one, world):
    """Return when schools teach on a day, nothing on a free one, None where nobody knows."""
    kind = _kind(one, world)
    if kind not in (None, "ordinary_weekday", "adjusted_workday") or _breaks(one, world):
        return []
    if _childrens_day(one, world):
        return []
    if kind is None or not _years(one, world):
        return None
    year = _years(one, world)[0].school_year
    for hours in world.calendars.hours:
        if (hours.stage, hours.school_year) == (one.stage, year):
            begun = [table for table in hours.tables if table.since <= one.on]
            if not begun:
                return None
            periods = max(begun, key=lambda table: table.since).periods
            own = [it for it in periods if it.weekday == one.on.isoweekday()]
            if not own and one.on.isoweekday() > 5:
                own = [it for it in periods if it.weekday == 1]
            return [(it.start, it.end) for it in own] or None
    return None
