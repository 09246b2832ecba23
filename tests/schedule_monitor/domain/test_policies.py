"""The city's decisions, each from its day on."""

import pytest

from services.schedule_monitor.domain.calendars.policies import SWITCHES, VALUES, Policies
from tests.schedule_monitor.builders import decided, on


class TestPolicies:
    def test_hold_the_proposed_defaults_until_something_is_decided(self):
        day = on("2026-06-01")

        assert Policies().adjusted_workday_on(day) == "workday"
        assert not Policies().childrens_day_on(day)
        assert Policies().senior_secondary_on(day)

    def test_change_on_the_day_of_a_decision(self):
        policies = decided(("2026-09-01", "workday"), ("2026-02-28", "rest_day"))

        days = ["2021-01-01", "2026-02-27", "2026-02-28", "2026-08-31", "2026-09-01"]
        found = [policies.adjusted_workday_on(on(day)) for day in days]

        assert found == ["workday", "workday", "rest_day", "rest_day", "workday"]

    def test_of_one_switch_leave_the_others_alone(self):
        policies = decided(("2026-01-01", "exempt"), switch="senior_secondary")

        assert not policies.senior_secondary_on(on("2026-06-01"))
        assert not policies.childrens_day_on(on("2026-06-01"))

    @pytest.mark.parametrize("switch", SWITCHES)
    def test_say_which_paper_they_rest_on_and_that_it_is_no_law(self, switch):
        value = list(VALUES[switch])[-1]
        policies = decided(("2026-02-28", value), switch=switch)

        before, after = (policies.note_on(switch, on(day)) for day in ("2026-02-27", "2026-02-28"))

        assert "建议默认值" in before
        assert "海教〔2026〕1号，自2026-02-28起" in after
        assert "不是法律明文" in before
        assert "不是法律明文" in after
