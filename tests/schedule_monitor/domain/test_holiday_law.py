"""全国年节及纪念日放假办法: where its two versions meet."""

from datetime import timedelta

import chinese_calendar
import pytest

from services.schedule_monitor.domain.calendars.holiday_law import (
    KNOWN_YEARS,
    VERSION_OF_2013,
    VERSION_OF_2024,
    festival_on,
    festivals_of,
    law_on,
)
from tests.schedule_monitor.builders import on


class TestLawOn:
    @pytest.mark.parametrize(
        ("day", "law"), [("2024-12-31", VERSION_OF_2013), ("2025-01-01", VERSION_OF_2024)]
    )
    def test_changes_with_the_year_2025(self, day, law):
        assert law_on(on(day)) == law


class TestFestivalOn:
    @pytest.mark.parametrize(
        ("eve", "statutory"), [("2024-02-09", False), ("2025-01-28", True), ("2026-02-16", True)]
    )
    def test_knows_new_years_eve_from_2025_on(self, eve, statutory):
        assert (festival_on(on(eve)) is not None) is statutory

    @pytest.mark.parametrize(("day", "statutory"), [("2024-05-02", False), ("2025-05-02", True)])
    def test_knows_the_second_of_may_from_2025_on(self, day, statutory):
        assert (festival_on(on(day)) is not None) is statutory

    def test_names_both_festivals_of_one_day(self):
        festival = festival_on(on("2031-10-01"))

        assert festival is not None
        assert festival.name == "中秋节、国庆节"


class TestFestivalsOf:
    @pytest.mark.parametrize("year", [2021, 2022, 2023, 2024, 2025, 2026])
    def test_lie_in_the_blocks_that_the_library_names(self, year):
        for day, name in festivals_of(year).items():
            free, english = chinese_calendar.get_holiday_detail(day)
            assert free, (day, name)
            assert english is not None, (day, name)

    @pytest.mark.parametrize("year", sorted(KNOWN_YEARS))
    def test_keep_the_distances_of_the_lunar_year(self, year):
        named = {
            name: day for day, names in festivals_of(year).items() for name in names.split("、")
        }

        spring, dragon_boat, mid_autumn = (
            named[name] for name in ("春节（正月初一）", "端午节", "中秋节")
        )
        # 八月十五 follows 五月初五 after three lunar months and ten days, four with a leap month.
        assert (mid_autumn - dragon_boat).days in {*range(98, 101), *range(127, 130)}
        assert (dragon_boat - spring).days in {*range(121, 124), *range(150, 154)}
        assert named["春节（正月初三）"] - spring == timedelta(days=2)
