"""Millions of classes judged again: counts by rule and month, and what was found, row by row."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Final

import polars as pl

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.day_facts import DayFacts, day_facts
from services.schedule_monitor.domain.evaluation import flags_of
from services.schedule_monitor.domain.facts import DayOf, with_facts
from services.schedule_monitor.domain.rules.columns import END, FILED, ON, SESSION, START
from services.schedule_monitor.domain.rules.rule import Rule
from services.schedule_monitor.domain.session import Stage

SCHEMA: Final = pl.Schema({"institution": pl.String, **SESSION, **FILED})
"""A row of a file of classes: the institution, the class, and what was filed of it."""
REQUIRED: Final = ("institution", "on", "start", "end", "class_group", "stage", "kind", "mode")
"""Other columns may be left out or null: what was not told."""
_TOLD: Final = ("institution", "on", "start", "end", "class_group")
_FINDINGS: Final = pl.Schema(
    [*((name, SCHEMA[name]) for name in _TOLD), ("rule", pl.String()), ("level", pl.String())]
)
_INSTITUTION: Final = pl.col("institution")
_SAME_INSTITUTION: Final = (_INSTITUTION.shift(1) == _INSTITUTION).fill_null(value=False)
_NEW_DAY: Final = ~(_SAME_INSTITUTION & (ON.shift(1) == ON).fill_null(value=False))
_DAY_SECONDS = 86_400


class SessionsUnreadable(ValueError):
    """Classes that cannot be judged; the message says in one Chinese line which and why."""


@dataclass(slots=True)
class Recheck:
    """What judging classes again has come to; ``by_rule`` counts by rule code and month."""

    sessions: int = 0
    unlawful: int = 0
    calendar_incomplete: int = 0
    by_rule: Counter[tuple[str, str]] = field(default_factory=Counter)


class Rechecker:
    """Judges frames of whole institution-days, in the order of institutions and days."""

    def __init__(self, calendars: Calendars) -> None:
        @cache
        def day_of(stage: Stage, on: date) -> DayFacts:
            return day_facts(stage, on, calendars)

        # A day is the same in every frame, and there are few days.
        self._day_of: DayOf = day_of
        self._last: tuple[str, date] | None = None
        self.found = Recheck()

    def take(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Judge every class of a frame and return the breaches, each with rule and level.

        Refuses with ``SessionsUnreadable`` what is incomplete, out of order or no time of day.
        """
        if frame.is_empty():
            return _FINDINGS.to_frame()
        self._check(frame)
        judged = with_facts(frame, self._day_of, unit=_NEW_DAY.cum_sum())
        rules, flags = flags_of(judged)
        self._count(rules, flags)
        told = judged.select(_TOLD)
        found = [
            told.filter(flag).with_columns(
                pl.lit(rule.card.code).alias("rule"), pl.lit(rule.level).alias("level")
            )
            for rule, flag in zip(rules, flags.get_columns(), strict=False)
            if flag.any()
        ]
        breaches = pl.concat(found) if found else _FINDINGS.to_frame()
        months = breaches.group_by("rule", ON.dt.strftime("%Y-%m").alias("month")).len()
        self.found.by_rule.update({(rule, month): count for rule, month, count in months.rows()})
        return breaches

    def _count(self, rules: list[Rule], flags: pl.DataFrame) -> None:
        names = flags.columns
        # On a day before any law there is no rule, and thus no column of one.
        breaking = [name for name, it in zip(names, rules, strict=False) if not it.review]
        unlawful = pl.any_horizontal(pl.lit(value=False), *breaking)
        incomplete = pl.any_horizontal(names[len(rules) :]) & ~unlawful
        counted = flags.select(unlawful.sum().alias("unlawful"), incomplete.sum().alias("lacking"))
        unlawful_count, lacking_count = counted.row(0)
        self.found.sessions += flags.height
        self.found.unlawful += unlawful_count
        self.found.calendar_incomplete += lacking_count

    def _check(self, frame: pl.DataFrame) -> None:
        for name in REQUIRED:
            if frame[name].null_count():
                raise SessionsUnreadable(
                    f"第{self._row(frame, pl.col(name).is_null())}行缺少{name}"
                )
        wrong = (START < 0) | (END <= START) | (END >= _DAY_SECONDS)
        if frame.select(wrong.any()).item():
            raise SessionsUnreadable(
                f"第{self._row(frame, wrong)}行的起止时间有误："
                "须为当日零点起的秒数，结束晚于开始，不跨零点"
            )
        days = frame.filter(_NEW_DAY).select("institution", ON)
        previous = self._last
        self._last = days.row(-1)
        before = pl.any_horizontal(
            _INSTITUTION.shift(1) > _INSTITUTION, _SAME_INSTITUTION & (ON.shift(1) > ON)
        )
        if (previous is not None and days.row(0) <= previous) or days.select(before.any()).item():
            raise SessionsUnreadable("各行须按机构、日期的顺序排列，同一机构同一天的课须在一起")

    def _row(self, frame: pl.DataFrame, wrong: pl.Expr) -> int:
        return self.found.sessions + int(frame.select(wrong.arg_true().first()).item()) + 1
