"""What may be refunded, and which refunds the bank has paid: for any sums and any order."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fund_monitor.domain.refunds.refund_money import (
    ContractMoney,
    Movement,
    Owed,
    money_of,
    payments_of,
)

FEN = st.integers(min_value=0, max_value=10**13)
SIGNED = st.integers(min_value=-(10**13), max_value=10**13)
MARCH = date(2026, 3, 2)


def a_movement(kind, fen, *, day=MARCH, name="e1", hour=4) -> Movement:
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return Movement(name, "alpha|A1", kind, moment, fen)


MOVEMENTS = st.lists(
    st.builds(
        lambda kind, fen, days, name: a_movement(
            kind, fen, day=MARCH + timedelta(days), name=f"e{name}"
        ),
        st.sampled_from(["refund", "refund_returned"]),
        st.integers(1, 1_000),
        st.integers(0, 20),
        st.integers(0, 1_000),
    ),
    unique_by=lambda one: one.identity,
    max_size=20,
)
OWED = st.lists(
    st.builds(
        lambda name, days, fen: Owed(f"r{name}", MARCH + timedelta(days), fen),
        st.integers(0, 99),
        st.integers(0, 20),
        st.integers(1, 1_000),
    ),
    unique_by=lambda one: one.id,
    max_size=4,
)


class TestRefundable:
    @given(paid=FEN, consumed=SIGNED, refunded=SIGNED, cooling=FEN)
    def test_is_never_negative_and_never_above_what_was_paid(
        self, paid, consumed, refunded, cooling
    ):
        money = ContractMoney(paid, consumed, refunded, cooling)

        assert 0 <= money.refundable_fen <= money.left_fen <= paid

    def test_is_what_was_paid_less_consumed_less_refunded(self):
        assert ContractMoney(1_000, 300, 200).refundable_fen == 500

    @pytest.mark.parametrize(
        ("days", "refundable"),
        [
            pytest.param(0, 1_000, id="on the day of payment"),
            pytest.param(7, 1_000, id="on the seventh day after it"),
            pytest.param(8, 700, id="one day later"),
            pytest.param(-1, 700, id="before it was paid"),
        ],
    )
    def test_is_the_whole_principal_within_the_cooling_off_period(self, days, refundable):
        money = money_of(
            [a_movement("deposit", 1_000)],
            consumed_fen=300,
            requested_on=MARCH + timedelta(days),
            cooling_off_days=7,
        )

        assert money.refundable_fen == refundable

    def test_counts_the_day_of_payment_in_the_city(self):
        late = a_movement("deposit", 1_000, hour=17)

        money = money_of(
            [late], consumed_fen=1_000, requested_on=date(2026, 3, 10), cooling_off_days=7
        )

        assert money.refundable_fen == 1_000

    def test_keeps_an_older_payment_consumed_beside_one_that_cools_off(self):
        paid = [
            a_movement("deposit", 1_000, day=date(2026, 1, 5)),
            a_movement("deposit", 400, name="e2"),
        ]

        money = money_of(paid, consumed_fen=1_200, requested_on=MARCH, cooling_off_days=7)

        assert money.refundable_fen == 400


class TestPayments:
    @given(owed=OWED, movements=MOVEMENTS)
    def test_pay_no_refund_beyond_what_is_owed_and_no_more_than_went_out(self, owed, movements):
        paid = payments_of(owed, movements)

        assert all(0 <= paid[one.id].paid_fen <= one.fen for one in owed)
        out = sum(one.amount_fen for one in movements if one.type == "refund")
        assert sum(payment.paid_fen for payment in paid.values()) <= out

    @given(owed=OWED, movements=MOVEMENTS, random=st.randoms())
    def test_are_the_same_in_whatever_order_events_come(self, owed, movements, random):
        shuffled = random.sample(movements, len(movements))

        assert payments_of(owed, movements) == payments_of(owed, shuffled)

    def test_may_sum_up_over_several_events(self):
        owed = [Owed("r1", MARCH, 500)]
        two = [
            a_movement("refund", 200),
            a_movement("refund", 300, day=date(2026, 3, 4), name="e2"),
        ]

        [partly] = payments_of(owed, two[:1]).values()
        [whole] = payments_of(owed, two).values()

        assert (partly.paid_fen, partly.paid_on) == (200, None)
        assert (whole.paid_fen, whole.paid_on) == (500, date(2026, 3, 4))

    def test_do_not_count_what_was_paid_before_it_was_asked_for(self):
        owed = [Owed("r1", date(2026, 3, 3), 500)]

        assert payments_of(owed, [a_movement("refund", 500)])["r1"].paid_fen == 0

    def test_open_again_when_the_money_comes_back(self):
        back = a_movement("refund_returned", 500, day=date(2026, 3, 9), name="e2")

        found = payments_of([Owed("r1", MARCH, 500)], [a_movement("refund", 500), back])["r1"]

        assert (found.paid_fen, found.paid_on) == (0, None)
        assert found.returned_on == date(2026, 3, 9)

    def test_are_not_open_anew_when_only_a_part_was_paid_and_comes_back(self):
        back = a_movement("refund_returned", 1, day=date(2026, 3, 9), name="e2")

        found = payments_of([Owed("r1", MARCH, 500)], [a_movement("refund", 1), back])["r1"]

        assert found.returned_on is None
