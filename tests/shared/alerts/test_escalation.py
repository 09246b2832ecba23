from datetime import date, timedelta

import pytest

from shared.alerts.clocks import Reckoning, next_due, with_stopped_clocks
from shared.alerts.model import Actor
from shared.alerts.reminders import reminders
from shared.working_days import Notice, WorkingDays
from tests.shared.alerts.builders import (
    RECKONING,
    a_finding,
    an_alert,
    handed,
    in_city,
    judged,
    ordered,
    passed,
    seen,
    snoozed,
    told,
)

SECOND = timedelta(seconds=1)
# The alert is raised on Tuesday 31 March: three working days end with Friday 3 April.
DUE = in_city(2026, 4, 4)
# Three working days more, after the holiday: 7, 8, 9 April.
DUE_AGAIN = in_city(2026, 4, 10)


def late(alert=None):
    return passed(alert or an_alert(), DUE)


def stopped(change):
    return with_stopped_clocks(change, RECKONING).after


def steps(alert):
    return [(it.clock, it.step, it.to_department) for it in alert.escalations]


def led_by(department):
    return handed(an_alert(), department).after


class TestPassClocks:
    def test_does_nothing_a_second_before_the_deadline(self):
        assert passed(an_alert(), DUE - SECOND) is None

    def test_marks_the_alert_at_the_deadline_and_tells_the_coordinating_group(self):
        change = late()

        assert (change.kind, change.after.state) == ("overdue", "raised")
        [mark] = change.after.overdue
        assert (mark.clock, mark.due_at, mark.marked_at) == ("acknowledge", DUE, DUE)
        assert steps(change.after) == [("acknowledge", 1, "education")]
        assert told(change) == {
            "culture_tourism_sports": "overdue",
            "pboc": "overdue",
            "cbirc": "overdue",
            "finance_office": "overdue",
            "education": "escalated",
        }

    def test_gives_the_group_a_part_and_says_by_which_line_of_the_plan(self):
        delivery = late().after.delivery_to("education")

        assert delivery.role == "inform"
        assert delivery.reason.startswith("附件2（一）：综合组")
        assert "市文旅体局未按期签收" in delivery.reason

    def test_does_nothing_the_second_time(self):
        assert passed(late().after, DUE) is None
        assert passed(late().after, DUE_AGAIN - SECOND) is None

    def test_carries_it_up_once_more_after_three_working_days(self):
        change = passed(late().after, DUE_AGAIN)

        assert change.kind == "escalated"
        assert steps(change.after) == [
            ("acknowledge", 1, "education"),
            ("acknowledge", 2, "education_supervision"),
        ]
        assert len(change.after.lateness) == 1
        assert set(told(change).values()) == {"escalated"}
        assert next_due(change.after, RECKONING).clock == "dispose"

    def test_never_to_the_late_lead_itself(self):
        change = passed(led_by("education"), in_city(2026, 4, 8))

        assert steps(change.after) == [("acknowledge", 2, "education_supervision")]
        assert passed(change.after, in_city(2026, 4, 25)) is None

    def test_says_so_where_nobody_is_left(self):
        first = passed(led_by("education_supervision"), in_city(2026, 4, 8)).after

        second = passed(first, in_city(2026, 4, 20))

        assert steps(second.after) == [("acknowledge", 1, "education"), ("acknowledge", 2, None)]
        assert "已无可上报的单位" in second.after.escalations[-1].reason
        assert set(told(second).values()) == {"escalated"}

    def test_marks_all_that_has_passed_at_once(self):
        change = passed(an_alert(), in_city(2026, 4, 30))

        assert [it.clock for it in change.after.overdue] == ["acknowledge", "dispose"]
        assert steps(change.after) == [
            ("acknowledge", 1, "education"),
            ("dispose", 1, "education"),
        ]
        assert len({it.department for it in change.after.deliveries}) == 5
        assert passed(change.after, in_city(2026, 4, 30)) is None

    def test_says_that_it_is_overdue_where_one_clock_is_marked_and_another_carried_up(self):
        alert = late(an_alert(a_finding())).after

        change = passed(alert, in_city(2026, 4, 30))

        assert change.kind == "overdue"
        assert steps(change.after)[1:] == [
            ("acknowledge", 2, "education_supervision"),
            ("dispose", 1, "education"),
        ]

    def test_reaches_a_recheck_that_nobody_made(self):
        alert = ordered(an_alert(), date(2026, 4, 10)).after

        assert passed(alert, in_city(2026, 4, 16) - SECOND) is None
        assert steps(passed(alert, in_city(2026, 4, 16)).after) == [("recheck", 1, "education")]

    def test_never_rests_on_an_estimated_calendar(self):
        alert = an_alert(now=in_city(2026, 12, 30, 9))
        notice = Notice(rest_days=frozenset({date(2027, 1, 1)}), workdays=frozenset())
        loaded = Reckoning(WorkingDays({2027: notice}))

        assert passed(alert, in_city(2027, 3, 1)) is None
        assert passed(alert, in_city(2027, 1, 6) - SECOND, reckoning=loaded) is None
        assert passed(alert, in_city(2027, 1, 6), reckoning=loaded) is not None


class TestActing:
    def test_stops_the_clock_and_leaves_the_history(self):
        alert = late().after
        change = ordered(alert, now=in_city(2026, 4, 7, 9))

        after = stopped(change)

        assert after.overdue == ()
        [mark] = after.lateness
        assert mark.stopped_at == in_city(2026, 4, 7, 9)
        assert after.delivery_to("education") is not None
        assert passed(after, DUE_AGAIN) is None

    def test_of_another_department_stops_nothing(self):
        alert = late().after
        change = passed(seen(alert, by=Actor("wang", "pboc")), DUE_AGAIN)

        assert change.after.escalations[-1].step == 2

    def test_stops_with_the_alert_and_begins_anew_when_it_returns(self):
        gone = stopped(judged(late().after, now=DUE + SECOND))

        back = judged(gone, a_finding(), now=in_city(2026, 4, 7, 9)).after

        assert gone.overdue == back.overdue == ()
        assert passed(back, in_city(2026, 4, 11) - SECOND) is None
        assert passed(back, in_city(2026, 4, 11)) is not None

    def test_leaves_a_mark_alone_that_still_holds(self):
        change = judged(late().after, a_finding(), a_finding("e-2"))

        assert stopped(change) == change.after


class TestJudgingAfterwards:
    def test_keeps_those_to_whom_it_was_carried_up(self):
        alert = late().after

        after = judged(alert, a_finding(), a_finding("e-2")).after

        assert after.deliveries == alert.deliveries
        assert judged(alert, a_finding()) is None


class TestReminders:
    @pytest.fixture
    def of(self):
        return lambda change: {
            (it.department, it.kind)
            for it in reminders([change], service="fund_monitor", now=change.after.updated_at)
        }

    def test_tell_every_department_of_a_red_at_once(self, of):
        risen = judged(an_alert(a_finding("e-1")), a_finding("e-1", level="red"))
        returned = judged(judged(risen.after).after, a_finding("e-1", level="red"))
        everybody = {
            (it, "red_alert")
            for it in ("culture_tourism_sports", "pboc", "cbirc", "finance_office")
        }

        assert of(risen) == of(returned) == everybody

    def test_leave_alone_what_is_yellow_or_was_red_before(self, of):
        red = an_alert(a_finding("e-1", level="red"))

        assert of(judged(an_alert(), a_finding("e-2"))) == set()
        assert of(judged(red, a_finding("e-1", level="red"), a_finding("e-2"))) == set()
        assert of(judged(red)) == set()

    def test_tell_the_late_lead_and_those_it_was_carried_up_to(self, of):
        first = late()

        assert of(first) == {("culture_tourism_sports", "overdue"), ("education", "overdue")}
        assert of(passed(first.after, DUE_AGAIN)) == {
            ("culture_tourism_sports", "overdue"),
            ("education_supervision", "overdue"),
        }

    def test_say_which_clock_passed_when_in_city_time(self):
        [first, *_] = reminders([late()], service="fund_monitor", now=DUE)

        assert "市文旅体局逾期未签收（期限2026-04-04 00:00）" in first.text
        assert first.data["alert_id"] == "alert-1"

    def test_leave_a_lead_alone_that_snoozed_it_and_move_no_clock(self, of):
        alert = snoozed(an_alert(), date(2026, 4, 10)).after

        change = late(alert)

        assert of(change) == {("education", "overdue")}
        assert change.after.overdue
