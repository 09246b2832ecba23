"""Random timetables that meet the limits of the law: to the second, and to the day."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.policies import Decision, Policies
from services.schedule_monitor.domain.calendars.school_hours import HoursFrom, Period, SchoolHours
from services.schedule_monitor.domain.session import Session, Setting
from services.schedule_monitor.domain.timetables.surroundings import (
    FiledCourse,
    FiledRoom,
    Surroundings,
)
from tests.schedule_monitor.builders import CITY, a_break, a_school_year
from tests.schedule_monitor.domain.brute_judge import World

ADJUSTED_WORKDAYS = [
    day
    for number in range(6 * 366)
    if (day := date(2021, 1, 1) + timedelta(days=number)).year <= 2026
    and CITY.day(day).kind == "adjusted_workday"
]
DATES_OF_LAW = [
    date.fromisoformat(day)
    for day in (
        *("2018-08-21", "2018-08-22", "2019-07-11", "2019-07-12", "2021-04-01", "2021-04-02"),
        *("2021-07-23", "2021-07-24", "2022-12-28", "2022-12-29", "2026-06-01", "2027-03-06"),
    )
]
STAGES = ("preschool", "compulsory", "senior_secondary")
KINDS = ("subject", "subject", "culture_arts", "sports", "science_tech")
LENGTHS = [timedelta(seconds=it) for it in (1200, 1799, 1800, 1801, 2399, 2400, 2401, 5400)]
ENDS = [time(20, 30), time(20, 30, 1), time(21, 0), time(21, 0, 1)]
GAPS = [timedelta(seconds=it) for it in (-300, 0, 1, 599, 600, 601)]
MATERIALS = (
    *((),) * 5,
    ("作文三十讲",),
    ("课后作业本一册", "课后作业三十篇"),
    ("提前学五年级内容",),
    ("国际课程读本", "奥数入门"),
    ("竞赛手册",),
)
NAMES = ("少儿数学思维", "创意美术", "英语戏剧", "篮球", "机器人")
STUDENTS = [f"s{number}" for number in range(12)]


def a_source(seed: int) -> Random:
    """Return chance that is the same every time."""
    return Random(seed)  # noqa: S311 - a test must be repeatable, not secret


def a_world(rng: Random) -> World:
    """Return calendars, decisions and filings, each of them sometimes missing."""
    decisions = tuple(
        Decision(switch=switch, since=since, value=value, reference="海教〔2021〕1号")
        for switch, value in (
            ("adjusted_workdays", "rest_day"),
            ("childrens_day", "on"),
            ("senior_secondary", "exempt"),
        )
        for since in [rng.choice([date(2021, 1, 1), date(2024, 1, 1)])]
        if rng.random() < 0.5
    )
    years = tuple(
        a_school_year(
            school_year=f"{year}-{year + 1}",
            stage=stage,
            first_day=date(year, 9, 1),
            last_day=date(year + 1, 8, 31),
            breaks=(
                a_break(f"{year + 1}-01-20", f"{year + 1}-02-15"),
                a_break(f"{year + 1}-07-01", f"{year + 1}-08-31", "summer"),
                a_break(f"{year + 1}-04-28", f"{year + 1}-04-30", rng.choice(["spring", "adhoc"])),
            ),
        )
        for year in range(2020, 2026)
        for stage in STAGES
        if rng.random() < 0.9
    )
    hours = tuple(_hours(rng, year.school_year, year.stage) for year in years if rng.random() < 0.8)
    return World(Calendars(CITY, years, Policies(decisions), hours), _filed(rng))


def _hours(rng: Random, school_year: str, stage: str) -> SchoolHours:
    since = date(int(school_year[:4]), rng.choice([9, 11]), 1)
    weekdays = range(1, rng.choice([6, 7]))
    mornings = [Period(day, time(8), time(11, 30)) for day in weekdays]
    afternoons = [Period(day, time(13, 30), time(16, 10)) for day in weekdays if day != 5]
    table = HoursFrom(since, tuple(sorted(mornings + afternoons)))
    return SchoolHours(
        school_year=school_year, stage=stage, version=1, tables=(table,), basis="作息时间"
    )


def _filed(rng: Random) -> Surroundings:
    courses = [
        FiledCourse(
            code=f"C{number}",
            name=name,
            kind="sports",
            stage="compulsory",
            mode="offline",
            delivery=rng.choice(["live", "recorded"]),
            materials=rng.choice(MATERIALS),
        )
        for number, name in enumerate(NAMES)
        if rng.random() < 0.7
    ]
    rooms = [
        FiledRoom(
            site="本部", room=f"R{number}", area_m2=Decimal(rng.choice(["29.9999", "30", "60"]))
        )
        for number in range(3)
    ]
    return Surroundings(
        {one.code: one for one in courses if rng.random() < 0.8},
        {(one.site, one.room): one for one in rooms if rng.random() < 0.8},
        {"本部": Decimal(rng.choice([30, 31, 60]))} if rng.random() < 0.7 else {},
    )


def a_timetable(rng: Random, *, size: int) -> list[Session]:
    """Return classes on few days, in few groups and rooms: much of it collides."""
    days = rng.sample(ADJUSTED_WORKDAYS, 2) + rng.sample(DATES_OF_LAW, 3)
    days += [date(2021, 1, 1) + timedelta(days=rng.randrange(6 * 365)) for _ in range(2)]
    sessions: list[Session] = []
    while len(sessions) < size:
        on = rng.choice(days)
        before = [one for one in sessions if one.on == on]
        moments = _times(rng, on, before)
        if moments is not None:
            sessions.append(_a_class(rng, on, *moments))
    return sessions


def _times(rng: Random, on: date, before: list[Session]) -> tuple[time, time] | None:
    start = datetime.combine(on, time(rng.randint(7, 20), rng.choice([0, 30])))
    if before and rng.random() < 0.6:
        start = datetime.combine(on, rng.choice(before).end) + rng.choice(GAPS)
    end = start + rng.choice(LENGTHS)
    if rng.random() < 0.3:
        end = datetime.combine(on, rng.choice(ENDS))
    if end <= start or end.date() != on:
        return None
    return start.time(), end.time()


def _a_class(rng: Random, on: date, start: time, end: time) -> Session:
    def perhaps(value: object) -> object:
        return value if rng.random() < 0.8 else None

    setting = Setting(
        course=perhaps(f"C{rng.randrange(len(NAMES))}"),
        teacher=perhaps(f"T{rng.randrange(3)}"),
        room=perhaps(f"R{rng.randrange(3)}"),
        site=perhaps("本部"),
        students=perhaps(rng.choice([9, 10, 11, 20])),
        roster=tuple(sorted(rng.sample(STUDENTS, rng.choice([0, 2, 4])))),
        delivery=rng.choice(["live", "live", "recorded"]),
    )
    return Session(
        on=on,
        start=start,
        end=end,
        class_group=f"{rng.randrange(4)}班",
        stage=rng.choice(STAGES),
        kind=rng.choice(KINDS),
        mode=rng.choice(["online", "offline"]),
        setting=setting,
    )
