"""Days without subject classes: 方案任务21."""

import pytest

from services.schedule_monitor.domain.rules.days import (
    DAY_RULES,
    no_subject_class_in_a_long_break,
    no_subject_class_in_another_break,
    no_subject_class_on_a_rest_day,
    no_subject_class_on_a_statutory_holiday,
    no_subject_class_on_an_adjusted_workday,
)
from tests.schedule_monitor.builders import SUMMER, WINTER, a_break, a_case, a_session

WEEKDAY = "2026-03-03"
HOLIDAY = "2026-05-01"
HOLIDAY_ON_SATURDAY = "2026-05-02"
IN_LIEU = "2026-01-02"
SATURDAY = "2026-03-07"
WORKED_SATURDAY = "2026-02-28"
ALL = [WEEKDAY, HOLIDAY, HOLIDAY_ON_SATURDAY, IN_LIEU, SATURDAY, WORKED_SATURDAY]


def breached_on(rule, **how):
    return {day for day in ALL if rule(a_case(a_session(day), **how)) is not None}


class TestNoSubjectClassOnAStatutoryHoliday:
    def test_forbids_statutory_days_only(self):
        found = breached_on(no_subject_class_on_a_statutory_holiday)

        assert found == {HOLIDAY, HOLIDAY_ON_SATURDAY}

    def test_says_which_festival(self):
        assert no_subject_class_on_a_statutory_holiday(a_case(a_session(HOLIDAY))) == (
            "当日是法定节假日（劳动节），不得举办学科类培训"
        )


class TestNoSubjectClassOnARestDay:
    def test_forbids_weekends_and_weekdays_off(self):
        assert breached_on(no_subject_class_on_a_rest_day) == {IN_LIEU, SATURDAY}


class TestNoSubjectClassOnAnAdjustedWorkday:
    @pytest.mark.parametrize(
        ("policy", "breached"), [("workday", set()), ("rest_day", {WORKED_SATURDAY})]
    )
    def test_follows_the_citys_decision(self, policy, breached):
        found = breached_on(no_subject_class_on_an_adjusted_workday, adjusted_workday=policy)

        assert found == breached


class TestNoSubjectClassInABreak:
    @pytest.mark.parametrize("found", [WINTER, SUMMER])
    def test_forbids_winter_and_summer_by_the_plan(self, found):
        case = a_case(a_session(), breaks=(found,))

        assert no_subject_class_in_a_long_break(case) is not None
        assert no_subject_class_in_another_break(case) is None

    @pytest.mark.parametrize("kind", ["spring", "autumn", "adhoc"])
    def test_forbids_other_breaks_by_a_proposal(self, kind):
        case = a_case(a_session(), breaks=(a_break("2026-03-03", "2026-03-03", kind),))

        assert no_subject_class_in_a_long_break(case) is None
        assert no_subject_class_in_another_break(case) is not None

    def test_says_from_when_to_when(self):
        message = no_subject_class_in_a_long_break(a_case(a_session(), breaks=(WINTER,)))

        assert message is not None
        assert "寒假期间（2026-01-31至2026-03-01）" in message

    def test_allows_days_outside_breaks(self):
        case = a_case(a_session())

        assert no_subject_class_in_a_long_break(case) is None
        assert no_subject_class_in_another_break(case) is None


class TestDayRules:
    @pytest.mark.parametrize("kind", ["culture_arts", "sports", "science_tech"])
    @pytest.mark.parametrize("day", ALL)
    def test_leave_other_classes_alone(self, kind, day):
        case = a_case(
            a_session(day, kind=kind), breaks=(WINTER, SUMMER), adjusted_workday="rest_day"
        )

        assert [rule.judge(case) for rule in DAY_RULES] == [None] * len(DAY_RULES)

    def test_show_what_is_only_proposed_as_such(self):
        origins = {rule.card.code: rule.card.article.origin for rule in DAY_RULES}

        assert origins["schedule.adjusted_workday"] == "P"
        assert origins["schedule.other_break"] == "P"
        assert origins["schedule.rest_day"] == "Seed"
