"""What the rules ask of a class beyond its own row: its day, its course, the other classes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, TypeAlias, cast

import polars as pl

from services.schedule_monitor.domain.calendars.day_facts import DayFacts
from services.schedule_monitor.domain.rules.columns import (
    DAY_KINDS,
    END,
    MODE,
    ON,
    STAGE,
    STAGES,
    START,
    WINDOWS,
    of_day,
)
from services.schedule_monitor.domain.rules.days import LONG_BREAKS
from services.schedule_monitor.domain.rules.practice_words import practice_words_in
from services.schedule_monitor.domain.rules.subject_words import subject_words_in
from services.schedule_monitor.domain.session import Stage
from services.schedule_monitor.domain.windows import latest_end_before, scattered

DayOf: TypeAlias = Callable[[Stage, date], DayFacts]

_DAY_COLUMNS: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "day_kind": DAY_KINDS,
    "adjusted_is_rest": pl.Boolean,
    "childrens_day": pl.Boolean,
    "exempt": pl.Boolean,
    "covered": pl.Boolean,
    "long_break": pl.Boolean,
    "other_break": pl.Boolean,
    "hours_known": pl.Boolean,
}
_STAGES: Final = cast("list[Stage]", STAGES.categories.to_list())
# One number for a day and a stage: small, and dense over the days of a frame.
_PLACE: Final = (ON.to_physical() * len(_STAGES) + STAGE.to_physical().cast(pl.Int32)).alias(
    "place"
)
_READ: Final[Mapping[str, Callable[[str], object]]] = {
    "subject_content": subject_words_in,
    "homework_words": partial(practice_words_in, clue="homework"),
    "ahead_words": partial(practice_words_in, clue="ahead"),
    "contest_words": partial(practice_words_in, clue="contest"),
    "contest_general_words": partial(practice_words_in, clue="contest_general"),
    "overseas_words": partial(practice_words_in, clue="overseas"),
}
_ROSTER: Final = pl.col("roster")
_PLACED: Final = ("unit", "row", "start", "end")
_EPOCH: Final = date(1970, 1, 1).toordinal()


def with_facts(frame: pl.DataFrame, day_of: DayOf, unit: pl.Expr) -> pl.DataFrame:
    """Add every fact that rules are written in; ``unit`` tells institution-days apart."""
    table, at = _days(frame.select(_PLACE).to_series(), day_of)
    # Taken as one frame: column by column, each would be a plan of its own, which is half of what
    # a single class costs.
    return frame.hstack(table[at]).with_columns(
        _in_school_hours(table).alias("in_school_hours"),
        *_told_by_words(frame),
        *_windows(frame, unit),
    )


def _days(places: pl.Series, day_of: DayOf) -> tuple[pl.DataFrame, pl.Series]:
    """Return the days that occur, and for each row which of them is its own."""
    present = places.unique().sort()
    numbers = pl.Series(range(len(present)), dtype=pl.UInt32)
    first, last = cast("int", present[0]), cast("int", present[-1])
    # From a place to the row of its day: a look-up, where a join would hash ten million keys.
    rows = pl.Series([0], dtype=pl.UInt32).new_from_index(0, last - first + 1)
    rows = rows.scatter(present - first, numbers)
    table = _day_table([_at(place, day_of) for place in present.to_list()])
    return table, rows.gather(places - first)


def _at(place: int, day_of: DayOf) -> DayFacts:
    days, stage = divmod(place, len(_STAGES))
    return day_of(_STAGES[stage], date.fromordinal(_EPOCH + days))


def _day_table(facts: Sequence[DayFacts]) -> pl.DataFrame:
    columns: dict[str, list[Any]] = {
        "day_kind": [one.day.kind for one in facts],
        "adjusted_is_rest": [one.adjusted_is_rest for one in facts],
        "childrens_day": [one.childrens_day for one in facts],
        "exempt": [one.exempt for one in facts],
        "covered": [one.school.covered for one in facts],
        "long_break": [any(it.kind in LONG_BREAKS for it in one.school.breaks) for one in facts],
        "other_break": [
            any(it.kind not in LONG_BREAKS for it in one.school.breaks) for one in facts
        ],
        "hours_known": [one.hours is not None for one in facts],
    }
    schema = dict(_DAY_COLUMNS)
    taught = [one.hours or () for one in facts]
    for number in range(max(map(len, taught))):
        hours = [periods[number] if number < len(periods) else None for periods in taught]
        columns[f"teach_{number}_from"] = [None if it is None else of_day(it.start) for it in hours]
        columns[f"teach_{number}_until"] = [None if it is None else of_day(it.end) for it in hours]
        schema |= {f"teach_{number}_from": pl.Int32, f"teach_{number}_until": pl.Int32}
    return pl.DataFrame(columns, schema=pl.Schema(schema))


def _hour_columns(table: pl.DataFrame) -> list[str]:
    return [name for name in table.columns if name not in _DAY_COLUMNS]


def _in_school_hours(table: pl.DataFrame) -> pl.Expr:
    names = iter(_hour_columns(table))
    overlaps = [
        (pl.col(begins) < END) & (pl.col(ends) > START)
        for begins, ends in zip(names, names, strict=True)
    ]
    if not overlaps:
        return pl.lit(value=False)
    return pl.any_horizontal(overlaps).fill_null(value=False)


def _told_by_words(frame: pl.DataFrame) -> list[pl.Expr]:
    """Return what the filed words of courses tell: each text is read once, however many classes."""
    text = pl.col("course_text")
    if frame["course_text"].null_count() == frame.height:
        return [pl.lit(value=False).alias(name) for name in _READ]
    texts = frame.select(text.drop_nulls().unique()).to_series().to_list()
    telling = {name: [one for one in texts if read(one)] for name, read in _READ.items()}
    return [
        (text.is_in(found) if found else pl.lit(value=False)).alias(name)
        for name, found in telling.items()
    ]


def _windows(frame: pl.DataFrame, unit: pl.Expr) -> list[pl.Expr]:
    names = [column.meta.output_name() for column in WINDOWS]
    if frame.height == 1:
        return [pl.lit(None, dtype=pl.Int32).alias(name) for name in names]
    places = frame.lazy().with_columns(
        unit.alias("unit"), pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
    )
    online, offline = MODE == "online", MODE == "offline"
    rostered = places.filter(online, _ROSTER.list.len() > 0).select(
        *_PLACED, _ROSTER.list.unique().alias("name")
    )
    by_student = latest_end_before(rostered.explode("name").collect())
    found = (
        latest_end_before(_named(places.filter(online), pl.col("class_group"))),
        by_student.group_by("row").agg(pl.col("until").max()),
        latest_end_before(_named(places, pl.col("teacher"))),
        latest_end_before(
            _named(places.filter(offline), pl.concat_str("site", "room", separator="\n"))
        ),
    )
    return [
        scattered(one, frame.height).alias(name) for one, name in zip(found, names, strict=True)
    ]


def _named(places: pl.LazyFrame, name: pl.Expr) -> pl.DataFrame:
    """Return the classes that have a name of this sort, told to the planner in one piece."""
    return places.select(*_PLACED, name.alias("name")).drop_nulls("name").collect()
