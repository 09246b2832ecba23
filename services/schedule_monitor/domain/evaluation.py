"""All rules at once over a frame: which rows break which, and which lack a calendar."""

from datetime import date
from typing import Final, cast

import polars as pl

from services.schedule_monitor.domain.rules.days import DAY_RULES
from services.schedule_monitor.domain.rules.filed import FILED_RULES
from services.schedule_monitor.domain.rules.filed_words import WORD_RULES
from services.schedule_monitor.domain.rules.incomplete import INCOMPLETE
from services.schedule_monitor.domain.rules.preschool import PRESCHOOL_RULES
from services.schedule_monitor.domain.rules.rule import Rule
from services.schedule_monitor.domain.rules.times import TIME_RULES

RULES: Final[tuple[Rule, ...]] = (
    *PRESCHOOL_RULES,
    *DAY_RULES,
    *TIME_RULES,
    *FILED_RULES,
    *WORD_RULES,
)
_CONDITIONS: Final = {rule: rule.condition for rule in RULES}


def flags_of(frame: pl.DataFrame) -> tuple[list[Rule], pl.DataFrame]:
    """Return the rules in force on some day of a frame, and its breaches and lacks in columns.

    The first columns are those of the rules, in their order; then come those of ``INCOMPLETE``.
    """
    first, last = cast("date", frame["on"].min()), cast("date", frame["on"].max())
    rules = [rule for rule in RULES if _reaches(rule, first, last)]
    return rules, frame.select(*(_CONDITIONS[rule] for rule in rules), *INCOMPLETE)


def found_in(frame: pl.DataFrame) -> tuple[dict[int, list[Rule]], dict[int, list[str]]]:
    """Return by the row's number which rules a row breaks, and which calendars it lacks."""
    rules, flags = flags_of(frame)
    columns = flags.get_columns()
    broken: dict[int, list[Rule]] = {}
    lacking: dict[int, list[str]] = {}
    for rule, flag in zip(rules, columns, strict=False):
        for row in _rows_of(flag):
            broken.setdefault(row, []).append(rule)
    for flag in columns[len(rules) :]:
        for row in _rows_of(flag):
            lacking.setdefault(row, []).append(flag.name)
    return broken, lacking


def _rows_of(flag: pl.Series) -> list[int]:
    # Most rules are broken by nobody, and asking costs less than listing.
    return flag.arg_true().to_list() if flag.any() else []


def _reaches(rule: Rule, first: date, last: date) -> bool:
    article = rule.card.article
    begins_in_time = article.in_force_from <= last
    return begins_in_time and (article.in_force_until is None or article.in_force_until > first)
