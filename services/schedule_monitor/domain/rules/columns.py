"""The columns that rules are written in: a row is one class, and everything of it that is asked.

Times of day are seconds since midnight of the city's wall time. What was not told is null, and a
comparison with null finds nothing. Facts of days and windows come from ``domain/facts.py``.
"""

from collections.abc import Mapping
from datetime import time
from typing import Final, get_args

import polars as pl

from services.schedule_monitor.domain.calendars.calendar import Kind as DayKind
from services.schedule_monitor.domain.session import Delivery, Kind, Mode, Stage

STAGES: Final = pl.Enum(get_args(Stage))
KINDS: Final = pl.Enum(get_args(Kind))
MODES: Final = pl.Enum(get_args(Mode))
DELIVERIES: Final = pl.Enum(get_args(Delivery))
DAY_KINDS: Final = pl.Enum(get_args(DayKind))

SESSION: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "on": pl.Date,
    "start": pl.Int32,
    "end": pl.Int32,
    "class_group": pl.String,
    "stage": STAGES,
    "kind": KINDS,
    "mode": MODES,
    "course": pl.String,
    "teacher": pl.String,
    "room": pl.String,
    "site": pl.String,
    "students": pl.Int32,
    "roster": pl.List(pl.String),
    "delivery": DELIVERIES,
}
"""The class as it is judged: ``domain/session.Session`` in columns."""

FILED: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "files_courses": pl.Boolean,
    "course_filed": pl.Boolean,
    "course_text": pl.String,
    "course_delivery": DELIVERIES,
    "area_cm2": pl.Int64,
}
"""What the institution filed of the course and room that the class names.

``files_courses``: it has filed any course; ``course_filed``: this one; ``course_text``: its name,
content and materials; ``area_cm2``: the room's, or else the site's, an uneven rest cut off.
"""

ON: Final = pl.col("on")
START: Final = pl.col("start")
END: Final = pl.col("end")
STAGE: Final = pl.col("stage")
KIND: Final = pl.col("kind")
MODE: Final = pl.col("mode")
DELIVERY: Final = pl.col("delivery")
HEADS: Final = pl.coalesce(pl.col("students"), pl.col("roster").list.len().cast(pl.Int32))
FILES_COURSES: Final = pl.col("files_courses")
COURSE_FILED: Final = pl.col("course_filed")
COURSE_DELIVERY: Final = pl.col("course_delivery")
AREA_CM2: Final = pl.col("area_cm2")

# Facts of the day, by stage.
DAY_KIND: Final = pl.col("day_kind")  # null: its notice is not loaded
ADJUSTED_IS_REST: Final = pl.col("adjusted_is_rest")  # the city's decision on worked weekend days
CHILDRENS_DAY: Final = pl.col("childrens_day")  # free for this stage by the city's decision
EXEMPT: Final = pl.col("exempt")  # the stage is kept off no days by the city's decision
COVERED: Final = pl.col("covered")  # a school year of the stage covers the day
LONG_BREAK: Final = pl.col("long_break")
OTHER_BREAK: Final = pl.col("other_break")
HOURS_KNOWN: Final = pl.col("hours_known")  # whether and when schools teach is known
IN_SCHOOL_HOURS: Final = pl.col("in_school_hours")

# Facts of the course, and of the other classes of the institution on the day: the latest end of
# one that began earlier, so that a long class which still runs is not forgotten.
SUBJECT_CONTENT: Final = pl.col("subject_content")
HOMEWORK_WORDS: Final = pl.col("homework_words")
AHEAD_WORDS: Final = pl.col("ahead_words")
CONTEST_WORDS: Final = pl.col("contest_words")  # of a subject, by themselves
CONTEST_GENERAL_WORDS: Final = pl.col("contest_general_words")  # that say so in subject classes
OVERSEAS_WORDS: Final = pl.col("overseas_words")
GROUP_BUSY_UNTIL: Final = pl.col("group_busy_until")  # online, of the class group
STUDENT_BUSY_UNTIL: Final = pl.col("student_busy_until")  # online, of any student of the roster
TEACHER_BUSY_UNTIL: Final = pl.col("teacher_busy_until")
ROOM_BUSY_UNTIL: Final = pl.col("room_busy_until")
WINDOWS: Final = (GROUP_BUSY_UNTIL, STUDENT_BUSY_UNTIL, TEACHER_BUSY_UNTIL, ROOM_BUSY_UNTIL)


def of_day(moment: time) -> int:
    """Return a wall time as it stands in a column."""
    return (moment.hour * 60 + moment.minute) * 60 + moment.second


def wall_time(seconds: int) -> time:
    """Return what stands in a column as a wall time."""
    minutes, second = divmod(seconds, 60)
    return time(minutes // 60, minutes % 60, second)
