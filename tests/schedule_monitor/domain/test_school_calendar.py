"""School years: what they cover and which days are breaks, both ends included."""

import pytest

from services.schedule_monitor.domain.calendars.school_calendar import school_day
from tests.schedule_monitor.builders import WINTER, a_break, a_school_year, on


class TestSchoolDay:
    @pytest.mark.parametrize(
        ("day", "covered"),
        [
            ("2025-08-31", False),
            ("2025-09-01", True),
            ("2026-08-31", True),
            ("2026-09-01", False),
        ],
    )
    def test_is_covered_from_the_first_to_the_last_day(self, day, covered):
        assert school_day([a_school_year()], "compulsory", on(day)).covered is covered

    @pytest.mark.parametrize(
        ("day", "breaks"),
        [
            ("2026-01-30", ()),
            ("2026-01-31", (WINTER,)),
            ("2026-03-01", (WINTER,)),
            ("2026-03-02", ()),
        ],
    )
    def test_is_a_break_from_the_first_to_the_last_day(self, day, breaks):
        assert school_day([a_school_year()], "compulsory", on(day)).breaks == breaks

    def test_is_not_covered_by_another_stages_year(self):
        assert not school_day([a_school_year()], "senior_secondary", on("2026-03-03")).covered

    def test_takes_breaks_from_every_year_that_covers_it(self):
        adhoc = a_break("2026-08-30", "2026-08-30", "adhoc")
        following = a_school_year(
            school_year="2026-2027",
            first_day=on("2026-08-30"),
            last_day=on("2027-08-29"),
            breaks=(adhoc,),
        )

        found = school_day([a_school_year(), following], "compulsory", on("2026-08-30"))

        assert [one.kind for one in found.breaks] == ["summer", "adhoc"]


class TestSaysTheSameAs:
    def test_looks_past_the_version_only(self):
        known = a_school_year()

        assert known.says_the_same_as(a_school_year(version=2))
        assert not known.says_the_same_as(a_school_year(breaks=()))
        assert not known.says_the_same_as(a_school_year(basis="另一校历"))
