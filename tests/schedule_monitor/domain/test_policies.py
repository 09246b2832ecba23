"""The city's decisions, each from its day on."""

from services.schedule_monitor.domain.policies import Policies
from tests.schedule_monitor.builders import on


class TestAdjustedWorkdayOn:
    def test_is_a_workday_by_default(self):
        assert Policies().adjusted_workday_on(on("2026-02-28")) == "workday"

    def test_changes_on_the_day_of_a_decision(self):
        policies = Policies.of([(on("2026-09-01"), "workday"), (on("2026-02-28"), "rest_day")])

        days = ["2021-01-01", "2026-02-27", "2026-02-28", "2026-08-31", "2026-09-01"]
        found = [policies.adjusted_workday_on(on(day)) for day in days]

        assert found == ["workday", "workday", "rest_day", "rest_day", "workday"]
