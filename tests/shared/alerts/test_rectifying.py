from datetime import date

import pytest

from shared.alerts.changes import AlertAlreadyDisposed, AlertSuperseded, NotTheLead
from shared.alerts.rectifying import NotRectifying, RectificationDateRefused
from tests.shared.alerts.builders import (
    LATER,
    LEAD,
    PBOC,
    a_finding,
    an_alert,
    checked,
    ended,
    judged,
    ordered,
    seen,
    told,
)

UNTIL = date(2026, 4, 10)


class TestRectify:
    def test_puts_the_alert_into_rectification_and_tells_every_department(self):
        change = ordered(seen(an_alert()))

        assert (change.kind, change.after.state) == ("rectifying", "rectifying")
        assert set(told(change).values()) == {"rectifying"}
        assert len(change.notices) == 4
        assert change.after.rectification.until == UNTIL

    def test_counts_as_the_leads_acknowledgement(self):
        assert ordered(an_alert()).after.delivery_to(LEAD.department).acknowledged_by == "li"

    def test_changes_nothing_for_the_same_again(self):
        assert ordered(ordered(an_alert()).after, now=LATER) is None

    def test_may_be_ordered_anew_and_keeps_the_first(self):
        first = ordered(an_alert()).after

        second = ordered(first, requirement="补足差额并书面说明", now=LATER).after

        assert second.rectification.requirement == "补足差额并书面说明"
        assert second.past_rectifications == (first.rectification,)

    @pytest.mark.parametrize(
        ("until", "refused"),
        [
            (date(2026, 3, 31), True),
            (date(2026, 4, 1), False),
            (date(2026, 6, 29), False),
            (date(2026, 6, 30), True),
        ],
        ids=["today", "tomorrow", "in ninety days", "a day more"],
    )
    def test_ends_on_a_day_to_come_and_soon(self, until, refused):
        if refused:
            with pytest.raises(RectificationDateRefused):
                ordered(an_alert(), until)
        else:
            assert ordered(an_alert(), until).after.state == "rectifying"

    def test_is_the_leads_alone_and_of_what_is_open(self):
        with pytest.raises(NotTheLead):
            ordered(an_alert(), by=PBOC)
        with pytest.raises(AlertAlreadyDisposed):
            ordered(ended(an_alert()))
        with pytest.raises(AlertSuperseded):
            ordered(judged(an_alert()).after)


class TestRecheck:
    def test_that_passes_leaves_the_alert_to_be_disposed_of(self):
        change = checked(ordered(an_alert()).after)

        assert (change.kind, change.after.state) == ("rechecked", "rechecked")
        assert set(told(change).values()) == {"rechecked"}
        assert change.after.rectification.recheck.passed
        assert ended(change.after, outcome="corrected").state == "disposed"

    def test_that_fails_goes_back_to_rectifying_until_a_new_day(self):
        change = checked(ordered(an_alert()).after, passed=False, until=date(2026, 4, 20))

        assert (change.kind, change.after.state) == ("rectifying", "rectifying")
        assert change.after.rectification.until == date(2026, 4, 20)
        assert change.after.rectification.requirement == "补足差额"
        [before] = change.after.past_rectifications
        assert (before.until, before.recheck.passed) == (UNTIL, False)

    def test_that_fails_needs_a_new_day_to_come(self):
        for until in (None, date(2026, 4, 1)):
            with pytest.raises(RectificationDateRefused):
                checked(ordered(an_alert()).after, passed=False, until=until)

    @pytest.mark.parametrize("said", [{}, {"passed": False, "until": date(2026, 4, 20)}])
    def test_changes_nothing_for_the_same_again(self, said):
        alert = checked(ordered(an_alert()).after, **said).after

        assert checked(alert, **said) is None

    def test_needs_a_rectification_that_runs(self):
        for alert in (an_alert(), seen(an_alert()), checked(ordered(an_alert()).after).after):
            with pytest.raises(NotRectifying):
                checked(alert, note="再次查看")

    def test_is_the_leads_alone(self):
        with pytest.raises(NotTheLead):
            checked(ordered(an_alert()).after, by=PBOC)


class TestJudgingInBetween:
    def test_leaves_a_rectification_alone_without_news(self):
        alert = ordered(an_alert(a_finding("e-1"))).after

        change = judged(alert, a_finding("e-1"), a_finding("e-2"))

        assert (change.kind, change.after.state) == ("updated", "rectifying")
        assert change.after.rectification == alert.rectification

    def test_leaves_a_recheck_alone_when_the_level_falls(self):
        alert = an_alert(a_finding("e-1"), a_finding("e-2", level="red"))

        change = judged(checked(ordered(alert).after).after, a_finding("e-1"))

        assert (change.kind, change.after.state) == ("level_changed", "rechecked")

    def test_turns_it_into_history_when_the_level_rises(self):
        alert = ordered(an_alert(a_finding("e-1"))).after

        change = judged(alert, a_finding("e-1"), a_finding("e-2", level="red"))

        assert change.after.state == "raised"
        assert change.after.rectification is None
        assert change.after.past_rectifications == (alert.rectification,)
        assert seen(change.after, now=LATER).state == "acknowledged"

    def test_turns_it_into_history_when_the_breach_returns(self):
        alert = judged(ordered(an_alert()).after).after

        change = judged(alert, a_finding())

        assert (change.kind, change.after.state) == ("reopened", "raised")
        assert change.after.rectification is None
