"""Which calendars a class would need that are not loaded: without them nothing is lawful."""

from typing import Final

import polars as pl

from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.columns import (
    COVERED,
    DAY_KIND,
    EXEMPT,
    HOURS_KNOWN,
    KIND,
    ON,
    STAGE,
    START,
    of_day,
)

# Only subject classes are kept off certain days, and only since that rule is in force.
_DAYS_MATTER = (KIND == "subject") & ~EXEMPT & (pl.lit(articles.DAYS.in_force_from) <= ON)
NO_NOTICE: Final = (_DAYS_MATTER & DAY_KIND.is_null()).alias("no_notice")
NO_SCHOOL_YEAR: Final = (_DAYS_MATTER & ~COVERED).alias("no_school_year")
# Kindergartens have no table of school hours to be asked for.
NO_SCHOOL_HOURS: Final = (
    (KIND != "subject")
    & (STAGE != "preschool")
    & ~HOURS_KNOWN
    & (pl.lit(articles.SCHOOL_HOURS.in_force_from) <= ON)
    & (of_day(articles.SCHOOLS_TEACH_UNTIL) > START)
).alias("no_school_hours")
INCOMPLETE: Final = (NO_NOTICE, NO_SCHOOL_YEAR, NO_SCHOOL_HOURS)
