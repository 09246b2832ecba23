"""Classes of a province over six years, made in columns: any number, the same every time.

Most are lawful. Every rule that a column can tell is broken by one in some hundred, on weekdays and
weekends, before and after each change of the law; a third of the institutions teaches online, and
some of those tell rosters.
"""

from datetime import date, time
from pathlib import Path
from typing import Final, get_args

import polars as pl

from services.schedule_monitor.domain.bulk import SCHEMA
from services.schedule_monitor.domain.calendars.calendar import CityCalendar
from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.policies import Policies
from services.schedule_monitor.domain.calendars.school_calendar import Break, SchoolCalendar
from services.schedule_monitor.domain.calendars.school_hours import HoursFrom, Period, SchoolHours
from services.schedule_monitor.domain.session import Stage

_GROUPS, _SLOTS, _DAYS = 5, 4, 250
_A_DAY: Final = _GROUPS * _SLOTS
_FIRST_DAY: Final = date(2020, 3, 2)
_ROSTER = 8
_ROWS_OF_A_GROUP = 250_000
_NUMBER = pl.col("number")
_INSTITUTION = _NUMBER // (_A_DAY * _DAYS)
_DAY = _NUMBER // _A_DAY % _DAYS
_SLOT = _NUMBER // _GROUPS % _SLOTS
_GROUP = _NUMBER % _GROUPS


def write_classes(path: Path, count: int) -> None:
    """Write so many classes to a Parquet file, by institution and day, in bounded memory."""
    numbers = pl.LazyFrame().select(pl.int_range(count, dtype=pl.Int64).alias("number"))
    columns = _columns()
    made = numbers.select(columns[name].cast(kind).alias(name) for name, kind in SCHEMA.items())
    made.sink_parquet(path, row_group_size=_ROWS_OF_A_GROUP)


def calendars() -> Calendars:
    """Return notices, six school years with breaks, and school hours of every stage."""
    stages = get_args(Stage)
    years = [(year, stage) for year in range(2019, 2027) for stage in stages]
    return Calendars(
        CityCalendar(),
        tuple(_school_year(year, stage) for year, stage in years),
        Policies(),
        tuple(_hours(year, stage) for year, stage in years),
    )


def _columns() -> dict[str, pl.Expr]:
    online = _INSTITUTION % 3 == 1
    rostered = online & (_INSTITUTION % 9 == 1)
    start = 16 * 3600 + 30 * 60 + _SLOT * 3900 - pl.when(_rare(1, 100)).then(2400).otherwise(0)
    length = pl.when(online).then(1800).otherwise(2700)
    late = pl.when(_rare(2, 100)).then(_hash(3) % 600).otherwise(0)
    moved = pl.when(_rare(4, 200)).then(1).otherwise(0)
    named = (_GROUP + moved) % _GROUPS
    course = pl.format("C{}", _GROUP)
    return {
        "institution": pl.format("institution-{}", (100_000 + _INSTITUTION)),
        "on": _day(),
        "start": start,
        "end": start + length + late,
        "class_group": pl.format("{}班", _GROUP),
        "stage": _one_of(
            pl.when(_GROUP == 0)
            .then(pl.when(_rare(5, 20)).then(0).otherwise(1))
            .otherwise(_GROUP // 4 + 1),
            ["preschool", "compulsory", "senior_secondary"],
        ),
        "kind": _one_of(_INSTITUTION % 4, ["subject", "culture_arts", "sports", "science_tech"]),
        "mode": _one_of(online.cast(pl.Int64), ["offline", "online"]),
        "course": pl.when(_rare(6, 200)).then(pl.lit("C9")).otherwise(course),
        "teacher": pl.format("T{}", named),
        "room": pl.when(online).then(None).otherwise(pl.format("R{}", (_GROUP + moved) % _GROUPS)),
        "site": pl.when(online).then(None).otherwise(pl.lit("S1")),
        "students": pl.when(rostered).then(None).otherwise(8 + _hash(7) % 5),
        "roster": pl.when(rostered).then(_roster()).otherwise(None),
        "delivery": _one_of(_rare(8, 300).cast(pl.Int64), ["live", "recorded"]),
        "files_courses": _INSTITUTION % 2 == 0,
        "course_filed": ~_rare(6, 200),
        "course_text": _one_of(
            _INSTITUTION % 50 + _GROUP,
            [*(f"创意课程第{number}册" for number in range(53)), "少儿数学思维"],
        ),
        "course_delivery": pl.lit("live"),
        "area_cm2": pl.when(online).then(None).otherwise(354_000 + _hash(9) % 100_000),
    }


def _day() -> pl.Expr:
    """Return a day that grows with the number: nine days on, and seldom a weekend."""
    days = _DAY * 9
    weekend = (days % 7 - 4).clip(lower_bound=0)
    spared = (_NUMBER // _A_DAY).hash(10) % 10 != 0
    shifted = days - pl.when(spared).then(weekend).otherwise(0)
    return (pl.lit(_FIRST_DAY).cast(pl.Int32) + shifted).cast(pl.Int32)


def _roster() -> pl.Expr:
    """Return eight students of the group; in one class of some hundred, of the next one."""
    whose = (_GROUP + pl.when(_rare(11, 100)).then(1).otherwise(0)) % _GROUPS
    return pl.concat_list(pl.format("s{}-{}", whose, number) for number in range(_ROSTER))


def _hash(seed: int) -> pl.Expr:
    return (_NUMBER.hash(seed) % 1_000_003).cast(pl.Int64)


def _rare(seed: int, one_in: int) -> pl.Expr:
    return _hash(seed) % one_in == 0


def _one_of(place: pl.Expr, values: list[str]) -> pl.Expr:
    return pl.lit(pl.Series(values)).gather(place)


def _school_year(year: int, stage: Stage) -> SchoolCalendar:
    return SchoolCalendar(
        school_year=f"{year}-{year + 1}",
        stage=stage,
        version=1,
        first_day=date(year, 9, 1),
        last_day=date(year + 1, 8, 31),
        breaks=(
            Break(date(year + 1, 1, 20), date(year + 1, 2, 15), "winter"),
            Break(date(year + 1, 7, 1), date(year + 1, 8, 31), "summer"),
        ),
        basis="校历",
    )


def _hours(year: int, stage: Stage) -> SchoolHours:
    periods = tuple(
        Period(day, start, end)
        for day in range(1, 6)
        for start, end in ((time(8), time(11, 30)), (time(13, 30), time(16, 10)))
    )
    table = HoursFrom(date(year, 9, 1), periods)
    return SchoolHours(
        school_year=f"{year}-{year + 1}", stage=stage, version=1, tables=(table,), basis="作息时间"
    )
