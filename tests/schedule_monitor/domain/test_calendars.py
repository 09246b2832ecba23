"""School days and school hours of a stage, as far as the calendars tell."""

import pytest

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.policies import Policies
from services.schedule_monitor.domain.calendars.school_hours import HoursFrom, Period, SchoolHours
from tests.schedule_monitor.builders import CITY, a_break, a_school_year, at, calendars, decided, on

MORNING = Period(1, at("08:00"), at("11:30"))
FRIDAY = Period(5, at("08:00"), at("14:30"))
SUMMER = Period(1, at("07:50"), at("11:30"))
HOURS = SchoolHours(
    school_year="2025-2026",
    stage="compulsory",
    version=1,
    tables=(
        HoursFrom(on("2025-09-01"), (MORNING, FRIDAY)),
        HoursFrom(on("2026-05-01"), (SUMMER,)),
    ),
    basis="作息时间表",
)
WITH_HOURS = Calendars(CITY, (a_school_year(),), Policies(), (HOURS,))


class TestIsSchoolDay:
    @pytest.mark.parametrize(
        ("day", "teaches"),
        [
            pytest.param("2026-03-03", True, id="a weekday of the term"),
            pytest.param("2026-03-07", False, id="a weekend"),
            pytest.param("2026-05-09", True, id="a worked Saturday"),
            pytest.param("2026-05-04", False, id="a day in lieu"),
            pytest.param("2026-10-01", False, id="a statutory holiday, whatever the year"),
            pytest.param("2026-02-04", False, id="in the winter break"),
            pytest.param("2026-09-02", None, id="after the loaded year"),
            pytest.param("2027-03-03", None, id="without notice"),
        ],
    )
    def test_follows_both_calendars(self, day, teaches):
        assert calendars().is_school_day("compulsory", on(day)) is teaches

    def test_is_false_in_a_closure(self):
        closed = a_school_year(breaks=(a_break("2026-03-03", "2026-03-03", "adhoc"),))

        assert calendars(closed).is_school_day("compulsory", on("2026-03-03")) is False

    @pytest.mark.parametrize(
        ("stage", "teaches"),
        [("preschool", False), ("compulsory", False), ("senior_secondary", True)],
    )
    def test_is_false_on_a_free_first_of_june_for_children(self, stage, teaches):
        free = calendars(
            a_school_year(stage=stage),
            policies=decided(("2026-01-01", "on"), switch="childrens_day"),
        )

        assert free.is_school_day(stage, on("2026-06-01")) is teaches
        assert free.is_school_day(stage, on("2026-06-02")) is True


class TestSchoolHoursOn:
    @pytest.mark.parametrize(
        ("day", "hours"),
        [
            pytest.param("2026-03-02", (MORNING,), id="a Monday"),
            pytest.param("2026-03-06", (FRIDAY,), id="a Friday"),
            pytest.param("2026-03-03", None, id="a weekday that the table leaves out"),
            pytest.param("2026-04-27", (MORNING,), id="the last Monday of the first table"),
            pytest.param("2026-05-11", (SUMMER,), id="a Monday of the second table"),
            pytest.param("2026-05-09", (SUMMER,), id="a worked Saturday, as on Monday"),
            pytest.param("2026-03-07", (), id="a weekend"),
            pytest.param("2027-03-03", None, id="a year without notice"),
        ],
    )
    def test_are_those_of_the_weekday_from_their_day_on(self, day, hours):
        assert WITH_HOURS.school_hours_on("compulsory", on(day)) == hours

    def test_are_not_known_where_none_are_loaded(self):
        assert calendars().school_hours_on("compulsory", on("2026-03-02")) is None
