"""Weekly patterns, held against a walk through every day of the term."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.schedule_monitor.domain.timetables.pattern import (
    ExceptionNotInPattern,
    NothingLeft,
    Plan,
    WeeklyPattern,
    day_off,
)
from services.schedule_monitor.domain.timetables.timetable import TooManySessions
from tests.schedule_monitor.builders import a_break, a_school_year, a_stated, calendars, on


def a_pattern(first_day="2026-03-02", last_day="2026-06-30", weekday=2, **more):
    stated = a_stated(first_day)
    return WeeklyPattern(first=stated, weekday=weekday, last_day=on(last_day), **more)


def days(pattern, is_off=lambda _: False):
    return [day.isoformat() for day in pattern.days(is_off)]


@given(
    first=st.dates(date(2021, 1, 1), date(2026, 12, 31)),
    length=st.integers(0, 400),
    weekday=st.integers(1, 7),
    data=st.data(),
)
def test_comes_to_the_days_that_a_walk_through_the_term_finds(first, length, weekday, data):
    term = [first + timedelta(days=after) for after in range(length + 1)]
    held = [day for day in term if day.isoweekday() == weekday]
    exceptions = frozenset(data.draw(st.sets(st.sampled_from(held))) if held else ())
    off = data.draw(st.sets(st.sampled_from(term)))
    skips = data.draw(st.booleans())
    pattern = WeeklyPattern(
        first=a_stated(first.isoformat()),
        weekday=weekday,
        last_day=term[-1],
        skip_days_off=skips,
        exceptions=exceptions,
    )

    expected = [day for day in held if day not in exceptions and not (skips and day in off)]
    assert pattern.days(off.__contains__) == expected


class TestWeeklyPattern:
    def test_includes_both_ends(self):
        assert days(a_pattern("2026-03-03", "2026-03-17")) == [
            "2026-03-03",
            "2026-03-10",
            "2026-03-17",
        ]

    def test_refuses_an_exception_on_a_day_without_a_class(self):
        with pytest.raises(ExceptionNotInPattern):
            days(a_pattern(exceptions=frozenset({on("2026-03-04")})))

    def test_refuses_to_come_to_nothing(self):
        with pytest.raises(NothingLeft):
            a_pattern("2026-03-04", "2026-03-09").sessions(lambda _: False)

    def test_skips_holidays_and_breaks_but_no_weekend(self):
        spring = a_break("2026-04-01", "2026-04-03", "spring")
        off = day_off(calendars(a_school_year(breaks=(spring,))), "compulsory")

        wednesdays = days(a_pattern(weekday=3, last_day="2026-04-15", skip_days_off=True), off)
        sundays = days(a_pattern(weekday=7, last_day="2026-04-12", skip_days_off=True), off)

        assert "2026-04-01" not in wednesdays
        # 2026-04-05 is 清明节: a statutory holiday on a Sunday.
        assert sundays == ["2026-03-08", "2026-03-15", "2026-03-22", "2026-03-29", "2026-04-12"]

    def test_keeps_what_the_class_is(self):
        [first, *_] = a_pattern().sessions(lambda _: False)

        assert first == a_stated("2026-03-03")


class TestPlan:
    def test_is_the_single_classes_and_then_the_patterns(self):
        plan = Plan(singles=(a_stated("2026-05-01"),), patterns=(a_pattern(last_day="2026-03-10"),))

        found = [one.on.isoformat() for one in plan.sessions(calendars())]
        assert found == ["2026-05-01", "2026-03-03", "2026-03-10"]

    def test_is_bounded(self):
        with pytest.raises(TooManySessions):
            Plan(patterns=(a_pattern("2026-03-02", "2027-03-01"),) * 300).sessions(calendars())
