"""Days without subject classes: 方案任务21."""

import pytest

from services.schedule_monitor.domain.rules.days import (
    ADJUSTED_WORKDAY,
    DAY_RULES,
    FIRST_OF_JUNE,
    LONG_BREAK_CARD,
    OTHER_BREAK_CARD,
    REST_DAY,
    STATUTORY_HOLIDAY,
)
from tests.schedule_monitor.builders import SUMMER, WINTER, a_break, a_session, decided, said

WEEKDAY = "2026-03-03"
HOLIDAY = "2026-05-01"
HOLIDAY_ON_SATURDAY = "2026-05-02"
IN_LIEU = "2026-01-02"
SATURDAY = "2026-03-07"
WORKED_SATURDAY = "2026-02-28"
ALL = [WEEKDAY, HOLIDAY, HOLIDAY_ON_SATURDAY, IN_LIEU, SATURDAY, WORKED_SATURDAY]


def breached_on(card, **how):
    return {day for day in ALL if said(card, a_session(day), **how) is not None}


class TestStatutoryHolidays:
    def test_are_forbidden_on_statutory_days_only(self):
        assert breached_on(STATUTORY_HOLIDAY) == {HOLIDAY, HOLIDAY_ON_SATURDAY}

    def test_are_named(self):
        assert said(STATUTORY_HOLIDAY, a_session(HOLIDAY)) == (
            "当日是法定节假日（劳动节），不得举办学科类培训"
        )


class TestRestDays:
    def test_are_weekends_and_weekdays_off(self):
        assert breached_on(REST_DAY) == {IN_LIEU, SATURDAY}


class TestAdjustedWorkdays:
    @pytest.mark.parametrize(
        ("policy", "breached"), [("workday", set()), ("rest_day", {WORKED_SATURDAY})]
    )
    def test_follow_the_citys_decision(self, policy, breached):
        found = breached_on(ADJUSTED_WORKDAY, policies=decided(("2026-01-01", policy)))

        assert found == breached


class TestTheFirstOfJune:
    @pytest.mark.parametrize(
        ("value", "day", "stage", "found"),
        [
            ("on", "2026-06-01", "compulsory", True),
            ("on", "2026-06-02", "compulsory", False),
            ("on", "2026-06-01", "senior_secondary", False),
            ("off", "2026-06-01", "compulsory", False),
        ],
    )
    def test_is_free_where_the_city_decides_so(self, value, day, stage, found):
        policies = decided(("2026-01-01", value), switch="childrens_day")

        message = said(FIRST_OF_JUNE, a_session(day, stage=stage), policies=policies)

        assert (message is not None) == found


class TestSeniorSecondary:
    @pytest.mark.parametrize(("value", "found"), [("subject_to_ban", True), ("exempt", False)])
    def test_is_kept_off_rest_days_unless_the_city_decides_otherwise(self, value, found):
        policies = decided(("2026-01-01", value), switch="senior_secondary")
        session = a_session(SATURDAY, stage="senior_secondary")

        assert (said(REST_DAY, session, policies=policies) is not None) == found


class TestBreaks:
    @pytest.mark.parametrize("kind", ["winter", "summer"])
    def test_of_winter_and_summer_are_forbidden_by_the_plan(self, kind):
        breaks = (a_break(WEEKDAY, WEEKDAY, kind),)

        assert said(LONG_BREAK_CARD, a_session(), breaks=breaks) is not None
        assert said(OTHER_BREAK_CARD, a_session(), breaks=breaks) is None

    @pytest.mark.parametrize("kind", ["spring", "autumn", "adhoc"])
    def test_of_other_kinds_are_forbidden_by_a_proposal(self, kind):
        breaks = (a_break(WEEKDAY, WEEKDAY, kind),)

        assert said(LONG_BREAK_CARD, a_session(), breaks=breaks) is None
        assert said(OTHER_BREAK_CARD, a_session(), breaks=breaks) is not None

    def test_are_told_with_their_days(self):
        message = said(LONG_BREAK_CARD, a_session("2026-02-24"), breaks=(WINTER,))

        assert message is not None
        assert "寒假期间（2026-01-31至2026-03-01）" in message

    def test_forbid_nothing_outside(self):
        for card in (LONG_BREAK_CARD, OTHER_BREAK_CARD):
            assert said(card, a_session(), breaks=(WINTER, SUMMER)) is None


class TestDayRules:
    @pytest.mark.parametrize("kind", ["culture_arts", "sports", "science_tech"])
    @pytest.mark.parametrize("day", ALL)
    def test_leave_other_classes_alone(self, kind, day):
        session = a_session(day, kind=kind)
        policies = decided(("2026-01-01", "rest_day"))

        found = [
            said(rule.card, session, breaks=(WINTER, SUMMER), policies=policies)
            for rule in DAY_RULES
        ]

        assert found == [None] * len(DAY_RULES)

    def test_show_what_is_only_proposed_as_such(self):
        origins = {rule.card.code: rule.card.article.origin for rule in DAY_RULES}

        assert origins["schedule.adjusted_workday"] == "P"
        assert origins["schedule.childrens_day"] == "P"
        assert origins["schedule.other_break"] == "P"
        assert origins["schedule.rest_day"] == "Seed"
