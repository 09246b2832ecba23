"""Working days by the notices of the State Council, and what is only an estimate."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.calendar_file import CalendarUnreadable, load
from shared.city_time import CITY_TIME
from shared.working_days import DayKind, Notice, WorkingDays, end_of

NOTICE_2027 = {"2027": {"rest_days": ["2027-01-01"], "workdays": ["2027-01-09"]}}


@pytest.fixture
def file(tmp_path):
    def write(content: object):
        path = tmp_path / "calendar.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


class TestKindOf:
    @pytest.mark.parametrize(
        ("day", "working"),
        [
            pytest.param("2026-02-13", True, id="the Friday before the Spring Festival"),
            pytest.param("2026-02-14", True, id="a Saturday that is worked"),
            pytest.param("2026-02-15", False, id="its first day, a Sunday"),
            pytest.param("2026-02-16", False, id="a Monday of the Spring Festival"),
            pytest.param("2026-02-23", False, id="its last day, a Monday"),
            pytest.param("2026-02-24", True, id="the Tuesday after it"),
            pytest.param("2026-02-28", True, id="the second Saturday that is worked"),
            pytest.param("2026-03-01", False, id="a plain Sunday"),
        ],
    )
    def test_follows_the_notice_of_2026(self, day, working):
        kind = WorkingDays().kind_of(date.fromisoformat(day))

        assert kind == DayKind(working=working, provisional=False)

    @pytest.mark.parametrize(("day", "working"), [("2027-01-01", True), ("2027-01-02", False)])
    def test_guesses_by_the_weekday_in_a_year_without_notice(self, day, working):
        kind = WorkingDays().kind_of(date.fromisoformat(day))

        assert kind == DayKind(working=working, provisional=True)

    @pytest.mark.parametrize(
        ("day", "working"),
        [("2027-01-01", False), ("2027-01-04", True), ("2027-01-09", True), ("2027-01-10", False)],
    )
    def test_follows_a_loaded_notice(self, file, day, working):
        kind = load(file(NOTICE_2027)).kind_of(date.fromisoformat(day))

        assert kind == DayKind(working=working, provisional=False)

    def test_prefers_a_loaded_notice_to_the_library(self):
        corrected = WorkingDays({2026: Notice(frozenset({date(2026, 3, 2)}), frozenset())})

        assert WorkingDays().kind_of(date(2026, 3, 2)).working
        assert not corrected.kind_of(date(2026, 3, 2)).working

    @pytest.mark.parametrize(
        ("day", "working"),
        [("2026-12-30", True), ("2026-12-31", False), ("2026-12-26", True), ("2026-12-27", False)],
    )
    def test_follows_the_next_notice_in_the_days_it_names_of_december(self, file, day, working):
        reaching = {"2027": {"rest_days": ["2026-12-31"], "workdays": ["2026-12-26"]}}

        kind = load(file(reaching)).kind_of(date.fromisoformat(day))

        assert kind == DayKind(working=working, provisional=False)

    def test_prefers_what_it_learns_to_the_file_and_the_library(self):
        days = WorkingDays({2027: Notice(frozenset({date(2027, 3, 2)}), frozenset())})

        days.learn({2027: Notice(frozenset(), frozenset())})

        assert days.kind_of(date(2027, 3, 2)).working
        assert days.kind_of(date(2026, 10, 1)) == WorkingDays().kind_of(date(2026, 10, 1))
        assert days.changes == 1


class TestIsBankingDay:
    @pytest.mark.parametrize(
        ("day", "banking"),
        [("2026-02-14", True), ("2026-02-16", False), ("2026-03-01", False), ("2026-03-02", True)],
    )
    def test_is_a_working_day(self, day, banking):
        assert WorkingDays().is_banking_day(date.fromisoformat(day)) is banking

    def test_is_not_where_banks_do_otherwise(self):
        days = WorkingDays()
        unlike = frozenset({date(2026, 2, 14), date(2026, 2, 15)})
        days.learn({2026: Notice(frozenset(), frozenset({date(2026, 2, 14)}), unlike)})

        assert not days.is_banking_day(date(2026, 2, 14))
        assert days.is_banking_day(date(2026, 2, 15))


class TestDeadline:
    @pytest.mark.parametrize(
        ("start", "days", "last"),
        [
            pytest.param("2026-03-02", 1, "2026-03-03", id="Monday to Tuesday"),
            pytest.param("2026-03-06", 1, "2026-03-09", id="over a weekend"),
            pytest.param("2026-03-07", 1, "2026-03-09", id="begun on a Saturday"),
            pytest.param("2026-02-13", 1, "2026-02-14", id="to a worked Saturday"),
            pytest.param("2026-02-14", 1, "2026-02-24", id="over the Spring Festival"),
            pytest.param("2026-02-18", 5, "2026-02-28", id="begun in it, to the second Saturday"),
            pytest.param("2026-02-13", 7, "2026-03-02", id="over all of it"),
            pytest.param("2026-12-30", 1, "2026-12-31", id="to the last day of a loaded year"),
        ],
    )
    def test_is_the_end_of_the_last_working_day(self, start, days, last):
        deadline = WorkingDays().deadline(date.fromisoformat(start), days=days)

        assert deadline.at == end_of(date.fromisoformat(last))
        assert not deadline.provisional

    def test_is_provisional_once_it_reaches_into_a_year_without_notice(self, file):
        guessed = WorkingDays().deadline(date(2026, 12, 30), days=2)
        known = load(file(NOTICE_2027)).deadline(date(2026, 12, 30), days=2)

        assert (guessed.at, guessed.provisional) == (end_of(date(2027, 1, 1)), True)
        assert (known.at, known.provisional) == (end_of(date(2027, 1, 4)), False)

    @pytest.mark.parametrize("days", [-1, 0, 1_001])
    def test_is_refused_for_a_period_that_is_none(self, days):
        with pytest.raises(ValueError, match="1 to 1000"):
            WorkingDays().deadline(date(2026, 3, 2), days=days)


def test_a_day_ends_at_midnight_in_the_city():
    end = end_of(date(2026, 6, 30))

    assert end == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert end.tzinfo is CITY_TIME
    assert end - timedelta(microseconds=1) < datetime(2026, 7, 1, tzinfo=CITY_TIME)


class TestLoad:
    def test_is_the_librarys_calendar_without_a_file(self):
        assert load(None) == WorkingDays()

    def test_takes_weekend_days_among_the_rest_days(self, file):
        path = file({"2027": {"rest_days": ["2027-01-01", "2027-01-02"], "workdays": []}})

        assert not load(path).kind_of(date(2027, 1, 2)).working

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            pytest.param("{", "全文：Invalid JSON", id="no JSON"),
            pytest.param([], "全文：", id="a list"),
            pytest.param({"next": {}}, "next", id="a year that is none"),
            pytest.param({"2027": {"rest_days": []}}, "2027/workdays：", id="a half"),
            pytest.param(
                {"2027": {"rest_days": ["2027-02-30"], "workdays": []}},
                "2027/rest_days/0：",
                id="a date that is none",
            ),
            pytest.param(
                {"2027": {"rest_days": [1798761600], "workdays": []}},
                "2027/rest_days/0：",
                id="a number for a date",
            ),
            pytest.param(
                {"2027": {"rest_days": [], "workdays": [], "holidays": []}},
                "2027/holidays：",
                id="a field nobody knows",
            ),
            pytest.param(
                {"2027": {"rest_days": ["2026-12-24"], "workdays": []}},
                "2027 年的通知中有 2026-12-24",
                id="a day of another year",
            ),
            pytest.param(
                {"2027": {"rest_days": ["2027-01-09"], "workdays": ["2027-01-09"]}},
                "2027-01-09 既是休息日又是工作日",
                id="a day that is both",
            ),
            pytest.param(
                {"2027": {"rest_days": [], "workdays": ["2027-01-08"]}},
                "2027-01-08 不是周末",
                id="a weekday among the worked weekends",
            ),
        ],
    )
    def test_says_in_one_line_what_is_wrong(self, file, content, says):
        path = file(content)

        with pytest.raises(CalendarUnreadable) as wrong:
            load(path)

        line = str(wrong.value)
        assert line.startswith(f"日历文件 {path} 有误：")
        assert says in line
        assert "\n" not in line

    def test_says_in_one_line_that_the_file_is_missing(self, tmp_path):
        with pytest.raises(CalendarUnreadable, match=r"none\.json 无法读取：No such file"):
            load(tmp_path / "none.json")
