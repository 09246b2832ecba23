from datetime import date

import pytest

from shared.alerts.clocks import Reckoning, next_due, running
from shared.alerts.limits import DEFAULT_LIMITS, limits_on
from shared.alerts.waiting import moved, timer_of
from shared.timers import Period
from shared.working_days import Notice, WorkingDays
from tests.shared.alerts.builders import (
    RECKONING,
    a_finding,
    an_alert,
    checked,
    ended,
    handed,
    in_city,
    judged,
    ordered,
    seen,
)

RED = a_finding(level="red")
NEW_YEAR = Notice(rest_days=frozenset({date(2027, 1, 1), date(2027, 1, 4)}), workdays=frozenset())
KNOWS_2027 = Reckoning(WorkingDays({2027: NEW_YEAR}))


def clocks(alert):
    return {clock.clock: RECKONING.deadline_of(clock).at for clock in running(alert, RECKONING)}


class TestRunning:
    @pytest.mark.parametrize(
        ("raised_at", "finding", "acknowledge", "dispose"),
        [
            pytest.param(
                in_city(2026, 3, 31, 18),
                a_finding(),
                in_city(2026, 4, 4),
                in_city(2026, 4, 30),
                id="yellow: three and twenty working days, over 清明节",
            ),
            pytest.param(
                in_city(2026, 3, 31, 18),
                RED,
                in_city(2026, 4, 2),
                in_city(2026, 4, 16),
                id="red: one and ten",
            ),
            pytest.param(
                in_city(2026, 3, 27, 23, 59),
                RED,
                in_city(2026, 3, 31),
                in_city(2026, 4, 14),
                id="over weekends and 清明节",
            ),
            pytest.param(
                in_city(2026, 2, 13, 9),
                RED,
                in_city(2026, 2, 15),
                in_city(2026, 3, 6),
                id="the Saturday before the Spring Festival is worked, as is the one after",
            ),
            pytest.param(
                in_city(2026, 2, 14, 9),
                RED,
                in_city(2026, 2, 25),
                in_city(2026, 3, 7),
                id="over the Spring Festival",
            ),
        ],
    )
    def test_counts_working_days_by_level(self, raised_at, finding, acknowledge, dispose):
        alert = an_alert(finding, now=raised_at)

        assert clocks(alert) == {"acknowledge": acknowledge, "dispose": dispose}

    def test_leaves_the_disposal_alone_after_the_acknowledgement(self):
        assert set(clocks(seen(an_alert()))) == {"dispose"}

    def test_waits_for_the_recheck_while_something_is_put_right(self):
        alert = ordered(an_alert(), date(2026, 4, 10)).after

        # 10 April is a Friday: Monday, Tuesday, Wednesday.
        assert clocks(alert) == {"recheck": in_city(2026, 4, 16)}

    def test_counts_the_disposal_from_the_recheck(self):
        alert = checked(ordered(an_alert()).after, now=in_city(2026, 4, 10, 9)).after

        assert clocks(alert) == {"dispose": in_city(2026, 5, 13)}

    def test_begins_anew_with_a_rise_and_not_with_a_fall(self):
        alert = an_alert(a_finding("e-1"))
        risen = judged(alert, a_finding("e-1"), RED, now=in_city(2026, 4, 20, 9)).after
        fallen = judged(risen, a_finding("e-1"), now=in_city(2026, 4, 28, 9)).after

        assert clocks(risen)["acknowledge"] == in_city(2026, 4, 22)
        assert clocks(fallen)["acknowledge"] == in_city(2026, 4, 24)

    def test_gives_a_new_lead_its_own_time_to_acknowledge_and_no_more_to_dispose(self):
        alert = seen(an_alert(now=in_city(2026, 3, 31, 18)), now=in_city(2026, 4, 1))

        after = handed(alert, now=in_city(2026, 4, 20, 9)).after

        assert clocks(after) == {
            "acknowledge": in_city(2026, 4, 24),
            "dispose": in_city(2026, 4, 30),
        }

    def test_ends_with_the_alert(self):
        assert clocks(ended(an_alert())) == {}
        assert clocks(judged(an_alert()).after) == {}


class TestNextDue:
    def test_is_the_first_of_the_clocks(self):
        due = next_due(an_alert(), RECKONING)

        assert (due.clock, due.at, due.provisional) == ("acknowledge", in_city(2026, 4, 4), False)

    def test_is_an_estimate_where_the_calendar_is_not_loaded(self):
        alert = an_alert(now=in_city(2026, 12, 30, 9))

        due = next_due(alert, RECKONING)

        # A Wednesday: Thursday, Friday, Monday by the weekday estimate.
        assert (due.at, due.provisional) == (in_city(2027, 1, 5), True)

    def test_is_counted_anew_once_it_is(self):
        alert = an_alert(now=in_city(2026, 12, 30, 9))

        due = next_due(alert, KNOWS_2027)

        assert (due.at, due.provisional) == (in_city(2027, 1, 7), False)

    @pytest.mark.parametrize("day", range(15, 32))
    def test_reaches_into_the_next_year_from_mid_december_on(self, day):
        alert = seen(an_alert(now=in_city(2026, 12, day, 9)))

        assert next_due(alert, RECKONING).provisional
        assert not next_due(alert, KNOWS_2027).provisional


class TestTimer:
    def test_waits_for_the_next_clock_and_keeps_what_it_was_counted_from(self):
        timer = timer_of(an_alert(now=in_city(2026, 12, 30, 9)), RECKONING)

        assert (timer.name, timer.kind) == ("alert:alert-1", "alert")
        assert timer.provisional
        assert timer.period == Period(date(2026, 12, 30), 3)

    def test_moves_only_when_the_next_clock_does(self):
        alert = seen(an_alert())
        quiet = judged(alert, a_finding(), a_finding("e-2"))
        loud = judged(alert, RED)
        end = judged(alert)

        assert moved([quiet], RECKONING) == ([], [])
        assert [it.due_at for it in moved([loud], RECKONING)[0]] == [in_city(2026, 4, 3)]
        assert moved([end], RECKONING) == ([], ["alert:alert-1"])


class TestLimits:
    def test_are_a_proposal_and_say_so(self):
        assert [limits.article.origin for limits in DEFAULT_LIMITS] == ["P"]

    def test_are_those_in_force_on_the_day_a_clock_begins(self):
        [first] = DEFAULT_LIMITS

        assert limits_on(date(2026, 3, 31), DEFAULT_LIMITS) is first
        assert limits_on(date(2019, 1, 1), DEFAULT_LIMITS) is first
