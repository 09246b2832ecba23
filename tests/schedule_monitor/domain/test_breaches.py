"""Findings gathered by rule and month."""

from services.schedule_monitor.domain.breaches import RULE_CODES, breaches
from services.schedule_monitor.domain.judge import judge_sessions
from services.schedule_monitor.domain.rules.held import HELD_RULES
from services.schedule_monitor.domain.rules.practices import PRACTICE_RULE_CODES
from services.schedule_monitor.domain.takedowns import TAKEDOWN_OVERDUE
from shared.duties.routing import ROUTES
from tests.schedule_monitor.builders import a_session, calendars


def found_in(*sessions):
    return breaches(judge_sessions(sessions, calendars()))


class TestBreaches:
    def test_are_one_for_each_rule_and_month(self):
        found = found_in(
            a_session("2026-04-11"),
            a_session("2026-03-14", "20:00", "20:31"),
            a_session("2026-03-07"),
            a_session("2026-03-03"),
        )

        assert [(one.month, one.rule.card.code) for one in found] == [
            ("2026-03", "schedule.rest_day"),
            ("2026-03", "schedule.offline_end"),
            ("2026-04", "schedule.rest_day"),
        ]

    def test_count_classes_days_and_groups_and_tell_the_earliest(self):
        [rest, *_] = found_in(
            a_session("2026-03-14"),
            a_session("2026-03-07"),
            a_session("2026-03-07", class_group="四年级1班"),
            a_session("2026-03-07", mode="online", class_group="五年级1班"),
        )

        assert rest.figures == {"sessions": 4, "days": 2, "online": 1, "class_groups": 3}
        assert rest.online
        assert rest.message.startswith("本月有4节课：休息日举办学科类培训。最早一节：2026-03-07")
        assert len(rest.references) == 4

    def test_are_none_where_all_is_lawful_or_cannot_be_said(self):
        assert found_in(a_session(), a_session("2026-09-02")) == []


def test_every_code_has_a_route():
    others = {
        *(rule.card.code for rule in HELD_RULES),
        *PRACTICE_RULE_CODES,
        TAKEDOWN_OVERDUE.code,
    }
    assert set(RULE_CODES) | others == {code for code in ROUTES if code.startswith("schedule.")}
