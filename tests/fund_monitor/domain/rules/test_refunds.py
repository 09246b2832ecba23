"""F07, F08 and the original route: under, at and over each limit, on the real calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.fund_monitor.domain.refunds.refund_money import Movement
from services.fund_monitor.domain.rules.refunds import (
    LastDay,
    overdue_breach,
    refund_is_paid_in_time,
    refunds_do_not_surge,
    refunds_take_the_original_route,
    unconsumed_by_day,
)
from shared.working_days import WorkingDays
from tests.fund_monitor.domain.refund_builders import a_refund

DAY = date(2026, 6, 15)


def last_day_after(day, days):
    deadline = WorkingDays().deadline(day, days=days)
    return LastDay(deadline.at.date() - timedelta(days=1), deadline.provisional)


def lateness(refund, today):
    return refund_is_paid_in_time(refund, today=today, last_day_after=last_day_after)


def agreed(on, **more):
    return a_refund(standing="agreed", owed_fen=500, answered_on=on, **more)


class TestRefundIsPaidInTime:
    """预收费资金监管指标 F08."""

    # Agreed on Friday 2026-02-13: the Spring Festival rests from the 15th to the 23rd, and both
    # Saturday the 14th and Saturday the 28th are worked.
    @pytest.mark.parametrize(
        ("today", "level"),
        [
            pytest.param(date(2026, 2, 23), None, id="the festival does not count"),
            pytest.param(date(2026, 2, 27), None, id="exactly five working days"),
            pytest.param(date(2026, 2, 28), "yellow", id="the sixth, a worked Saturday"),
            pytest.param(date(2026, 3, 12), "yellow", id="exactly fifteen working days"),
            pytest.param(date(2026, 3, 13), "red", id="the sixteenth"),
        ],
    )
    def test_counts_working_days_over_the_spring_festival(self, today, level):
        assert lateness(agreed(date(2026, 2, 13)), today).level == level

    def test_asks_to_look_again_on_the_day_after_each_last_day(self):
        refund = agreed(date(2026, 3, 2))

        looks = [lateness(refund, day).look_on for day in (date(2026, 3, 9), date(2026, 3, 10))]

        assert looks == [date(2026, 3, 10), date(2026, 3, 24)]
        assert lateness(refund, date(2026, 3, 24)).look_on is None

    def test_finds_nothing_on_a_provisional_calendar_and_looks_daily(self):
        found = lateness(agreed(date(2027, 3, 1)), date(2027, 6, 1))

        assert found.level is None
        assert found.look_on == date(2027, 6, 2)

    def test_keeps_what_was_late_when_it_is_paid(self):
        paid = agreed(date(2026, 3, 2), paid_on=date(2026, 3, 10), paid_fen=500)

        found = lateness(paid, date(2026, 6, 1))

        assert (found.level, found.look_on) == ("yellow", None)
        assert "2026-03-10才退清" in overdue_breach(paid, found).message

    def test_gives_a_refund_that_came_back_as_long_again(self):
        back = agreed(date(2026, 3, 2), returned_on=date(2026, 3, 9))

        assert lateness(back, date(2026, 3, 16)).level is None
        assert lateness(back, date(2026, 3, 17)).level == "yellow"

    def test_has_nothing_to_say_where_nothing_is_owed(self):
        assert lateness(a_refund(), DAY) is None
        assert lateness(a_refund(standing="decided", owed_fen=0, answered_on=DAY), DAY) is None


def requests(count, *, on=DAY, fen=1):
    return [a_refund(id=f"{on}-{n:03d}", requested_on=on, refundable_fen=fen) for n in range(count)]


def surge(refunds, *, unconsumed=10**6):
    return {month: one.level for month, one in _found(refunds, unconsumed).items()}


def _found(refunds, unconsumed):
    return refunds_do_not_surge(refunds, lambda _: unconsumed)


class TestRefundsDoNotSurge:
    """预收费资金监管指标 F07."""

    @pytest.mark.parametrize(
        ("now", "before", "level"),
        [
            pytest.param(4, 0, None, id="four after none"),
            pytest.param(5, 0, "yellow", id="five after none"),
            pytest.param(5, 20, "yellow", id="exactly twice the mean"),
            pytest.param(5, 21, None, id="just under twice the mean"),
            pytest.param(9, 8, "yellow", id="nine times the mean, but nine"),
            pytest.param(10, 26, "red", id="ten, over three times the mean"),
            pytest.param(12, 32, "red", id="exactly three times the mean"),
            pytest.param(12, 33, "yellow", id="just under three times"),
        ],
    )
    def test_compares_seven_days_with_the_mean_of_eight_weeks(self, now, before, level):
        earlier = requests(before, on=DAY - timedelta(days=62))

        found = _found([*earlier, *requests(now)], 10**6).get("2026-06")

        assert (found and found.level) == level

    @pytest.mark.parametrize(
        ("fen", "level"), [(99, {}), (100, {"2026-06": "yellow"}), (200, {"2026-06": "red"})]
    )
    def test_is_a_share_of_the_unconsumed_value_too(self, fen, level):
        assert surge(requests(1, fen=fen), unconsumed=1_000) == level

    def test_has_no_share_of_nothing(self):
        assert surge(requests(1, fen=100), unconsumed=0) == {}

    def test_counts_exactly_seven_days(self):
        spread = [*requests(2, on=DAY - timedelta(days=6)), *requests(3)]
        wider = [*requests(2, on=DAY - timedelta(days=7)), *requests(3)]

        assert surge(spread) == {"2026-06": "yellow"}
        assert surge(wider) == {}

    def test_measures_against_what_there_was_before_the_seven_days(self):
        fell = unconsumed_by_day([(date(2026, 6, 1), 1_000), (DAY, -900)])

        assert refunds_do_not_surge(requests(1, fen=99), fell) == {}


def a_movement(kind, account, day=DAY):
    moment = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return Movement(f"{kind}-{account}", account, kind, moment, 500)


def routes(*movements):
    return refunds_take_the_original_route({"C1": movements}, {"C1": DAY})


class TestRefundsTakeTheOriginalRoute:
    def test_finds_a_refund_out_of_an_account_that_was_paid_nothing(self):
        found = routes(a_movement("deposit", "alpha|A1"), a_movement("refund", "alpha|A2"))

        [breach] = found["2026-06"]
        assert breach.figures["account"] == "alpha|A2"

    def test_finds_nothing_on_the_original_route_or_where_it_is_unknown(self):
        assert routes(a_movement("deposit", "a|1"), a_movement("refund", "a|1")) == {}
        assert routes(a_movement("refund", "a|1")) == {}
