"""Kinds of day: against the cases, the library, and the dates that go wrong easily."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from services.schedule_monitor.domain.calendars.calendar import CityCalendar
from services.schedule_monitor.domain.calendars.overrides import Override
from shared.working_days import Notice
from tests.schedule_monitor.builders import CITY, a_notice, on

CASES = Path(__file__).parents[4] / "shared" / "data" / "calendar_cases.dev.jsonl"
DAYS = [date(2021, 1, 1) + timedelta(days=n) for n in range(2_191)]
ODD = {
    "2021-02-11": "in_lieu_rest_day",  # 除夕 as a swapped day; the library's in-lieu flag errs
    "2021-02-13": "statutory_holiday",  # a Saturday
    "2022-01-31": "in_lieu_rest_day",  # 除夕 as a swapped day; the library's flag errs
    "2022-02-03": "statutory_holiday",  # 初三; the library's flag errs
    "2022-12-31": "ordinary_weekend",  # arranged by the next year's notice
    "2023-01-21": "ordinary_weekend",  # 除夕 on a Saturday
    "2023-04-05": "statutory_holiday",  # one day alone
    "2023-10-01": "statutory_holiday",  # a Sunday
    "2024-02-09": "ordinary_weekday",  # 除夕, rest only encouraged
    "2024-05-02": "in_lieu_rest_day",  # statutory only from the next year on
    "2025-01-01": "statutory_holiday",  # one Wednesday
    "2025-01-28": "statutory_holiday",  # 除夕, statutory from 2025
    "2025-02-01": "ordinary_weekend",  # a Saturday inside a block
    "2025-05-02": "statutory_holiday",
    "2025-10-06": "statutory_holiday",  # 中秋 inside the National Day block
    "2026-01-04": "adjusted_workday",  # right after New Year
    "2026-02-14": "adjusted_workday",
    "2026-02-16": "statutory_holiday",  # 除夕
    "2026-02-28": "adjusted_workday",
    "2026-05-02": "statutory_holiday",  # a Saturday
    "2022-06-01": "ordinary_weekday",  # 儿童节 is no holiday of all citizens
    "2026-12-31": "ordinary_weekday",
}
NOTICE_OF_2027 = a_notice(
    days=Notice(
        frozenset({on("2026-12-31"), on("2027-02-08"), on("2027-02-09")}),
        frozenset({on("2026-12-27"), on("2027-02-20")}),
    )
)
LOADED = CityCalendar({2027: NOTICE_OF_2027})


class TestDay:
    @pytest.mark.skipif(not CASES.exists(), reason="the cases lie beside the checkout, not in it")
    def test_agrees_with_every_case(self):
        cases = [json.loads(line) for line in CASES.read_text().splitlines()]

        wrong = [
            (case["date"], case["kind"], found)
            for case in cases
            if (found := CITY.day(on(case["date"])).kind) != case["kind"]
        ]

        assert len(cases) > 90
        assert wrong == []

    @pytest.mark.parametrize(("day", "kind"), ODD.items())
    def test_knows_the_odd_ones(self, day, kind):
        assert CITY.day(on(day)).kind == kind

    def test_rests_exactly_when_the_library_does(self):
        rest = {"statutory_holiday", "in_lieu_rest_day", "ordinary_weekend"}

        wrong = [
            day for day in DAYS if (CITY.day(day).kind in rest) == chinese_calendar.is_workday(day)
        ]

        assert wrong == []

    def test_puts_each_kind_on_its_side_of_the_week(self):
        sides = {(CITY.day(day).kind, day.weekday() >= 5) for day in DAYS}

        assert sides == {
            ("statutory_holiday", True),
            ("statutory_holiday", False),
            ("in_lieu_rest_day", False),
            ("ordinary_weekend", True),
            ("adjusted_workday", True),
            ("ordinary_weekday", False),
        }

    def test_counts_eleven_statutory_days_a_year_and_thirteen_from_2025(self):
        found = Counter(day.year for day in DAYS if CITY.day(day).kind == "statutory_holiday")

        assert found == {2021: 11, 2022: 11, 2023: 11, 2024: 11, 2025: 13, 2026: 13}

    @pytest.mark.parametrize("day", ["2020-12-31", "2027-01-01", "2027-03-02", "9999-12-31"])
    def test_never_guesses_a_year_whose_notice_is_not_loaded(self, day):
        found = CITY.day(on(day))

        assert (found.kind, found.festival, found.notice) == (None, None, None)
        assert f"尚未载入{day[:4]}年国务院放假通知" in found.why

    @pytest.mark.parametrize(
        ("day", "kind"),
        [
            ("2027-01-01", "statutory_holiday"),
            ("2027-02-05", "statutory_holiday"),
            ("2027-02-06", "statutory_holiday"),
            ("2027-02-09", "in_lieu_rest_day"),
            ("2027-02-20", "adjusted_workday"),
            ("2027-02-21", "ordinary_weekend"),
            ("2027-03-02", "ordinary_weekday"),
        ],
    )
    def test_takes_a_later_notice_as_data(self, day, kind):
        assert LOADED.day(on(day)).kind == kind

    def test_does_not_judge_a_year_whose_lunar_dates_it_lacks(self):
        far = CityCalendar({2036: a_notice(2036)})

        assert far.day(on("2036-03-04")).kind is None

    @pytest.mark.parametrize(
        ("day", "words"),
        [
            (
                "2025-01-28",
                "春节（除夕），属《全国年节及纪念日放假办法》第二条（2024年11月10日修订）",
            ),
            ("2024-10-01", "国庆节，属《全国年节及纪念日放假办法》第二条（2013年12月11日修订）"),
            ("2024-02-09", "（国办发明电〔2023〕7号，2023-10-25）未安排放假"),
            ("2022-12-31", "关于2023年部分节假日安排的通知"),
            ("2026-01-04", "关于2026年部分节假日安排的通知》（2025-11-04）安排调休上班"),
            ("2026-01-02", "安排补假或调休放假"),
        ],
    )
    def test_says_why_with_notice_and_law(self, day, words):
        assert words in CITY.day(on(day)).why

    @pytest.mark.parametrize(
        ("day", "warned"), [("2026-12-24", False), ("2026-12-25", True), ("2025-12-31", False)]
    )
    def test_warns_of_a_new_year_block_that_may_still_reach_back(self, day, warned):
        assert (CITY.day(on(day)).caveat is not None) is warned

    def test_warns_no_longer_once_the_next_notice_is_loaded(self):
        assert LOADED.day(on("2026-12-31")).caveat is None

    @pytest.mark.parametrize(
        ("day", "kind", "notice"),
        [
            ("2026-12-31", "in_lieu_rest_day", 2027),
            ("2026-12-27", "adjusted_workday", 2027),
            ("2026-12-30", "ordinary_weekday", 2026),
        ],
    )
    def test_takes_a_new_year_block_that_begins_in_december(self, day, kind, notice):
        found = LOADED.day(on(day))

        assert (found.kind, found.notice.year) == (kind, notice)

    def test_knows_a_year_only_from_its_own_notice(self):
        assert LOADED.day(on("2028-01-03")).kind is None
        assert LOADED.known_years() == [*range(2021, 2028)]

    def test_cites_a_file_as_what_it_is(self):
        supplied = a_notice(source="file", document_no=None, published_on=None)

        why = CityCalendar({2027: supplied}).day(on("2027-03-02")).why

        assert "部署时载入的数据" in why


def an_override(day, change, **more):
    return Override(
        on=on(day), change=change, reference="海政发〔2026〕9号", reason="防台风", **more
    )


def overridden(day, change, **more):
    return CityCalendar(overrides={on(day): an_override(day, change, **more)}).day(on(day))


class TestOverrides:
    @pytest.mark.parametrize(
        ("day", "change", "kind"),
        [
            ("2026-03-03", "rest_day", "in_lieu_rest_day"),
            ("2026-03-07", "workday", "adjusted_workday"),
            ("2026-02-28", "rest_day", "ordinary_weekend"),
            ("2026-05-04", "workday", "ordinary_weekday"),
            ("2026-05-04", "as_announced", "in_lieu_rest_day"),
        ],
    )
    def test_change_a_single_day(self, day, change, kind):
        assert overridden(day, change).kind == kind

    def test_say_by_which_paper_and_why(self):
        assert (
            "依据海政发〔2026〕9号，当日改为休息：防台风。"
            in overridden("2026-03-03", "rest_day").why
        )

    def test_of_banks_alone_leave_the_day_as_it_is(self):
        found = overridden("2026-02-28", "as_announced", banking=False)

        assert (found.kind, found.working, found.banking) == ("adjusted_workday", True, False)


class TestWorkingAndBankingDays:
    def test_agree_with_the_library_on_every_day(self):
        wrong = [
            day
            for day in DAYS
            if not CITY.day(day).working
            is CITY.day(day).banking
            is chinese_calendar.is_workday(day)
        ]

        assert wrong == []

    def test_are_estimated_by_the_weekday_without_a_notice(self):
        kinds = [CITY.kind_of(on(day)) for day in ("2027-01-01", "2027-01-02", "2026-01-01")]

        assert [(one.working, one.provisional) for one in kinds] == [
            (True, True),
            (False, True),
            (False, False),
        ]


class TestUnusualDays:
    def test_are_those_that_their_weekday_does_not_tell(self):
        days = {day.on: day for day in CITY.unusual_days(2026)}

        assert on("2026-03-03") not in days
        assert on("2026-03-07") not in days
        assert days[on("2026-05-02")].kind == "statutory_holiday"
        assert days[on("2026-05-09")].working
        assert not days[on("2026-05-04")].working
