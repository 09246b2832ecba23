"""The states of a refund, from the request to the money."""

from datetime import date

import pytest

from services.fund_monitor.domain.refunds.refund import (
    RefundAskedOtherwise,
    RefundOpen,
    RefundStands,
    RefundTooMuch,
    RequestedLater,
    refuse_beside,
    silence_on,
)
from services.fund_monitor.domain.refunds.refund_money import Payment
from tests.fund_monitor.domain.refund_builders import a_refund

DAY = date(2026, 3, 5)


class TestRefund:
    @pytest.mark.parametrize(
        ("wanted", "owed"),
        [
            pytest.param(None, 800, id="all that is refundable by now"),
            pytest.param(300, 300, id="less than that"),
            pytest.param(900, 800, id="more than that"),
        ],
    )
    def test_owes_after_agreement_what_is_asked_for_and_refundable(self, wanted, owed):
        agreed = a_refund(wanted_fen=wanted).agreed(800, on=DAY)

        assert (agreed.state, agreed.owed_fen, agreed.answered_on) == ("agreed", owed, DAY)

    def test_is_decided_after_an_objection_up_to_the_principal_left(self):
        objected = a_refund().objected()

        assert objected.decided(1_200, left_fen=1_200, on=DAY).owed_fen == 1_200
        with pytest.raises(RefundTooMuch):
            objected.decided(1_201, left_fen=1_200, on=DAY)

    def test_is_answered_once_and_decided_only_after_an_objection(self):
        with pytest.raises(RefundStands):
            a_refund().agreed(500, on=DAY).objected()
        with pytest.raises(RefundStands):
            a_refund().objected().agreed(500, on=DAY)
        with pytest.raises(RefundStands):
            a_refund().decided(1, left_fen=500, on=DAY)

    def test_is_paid_when_nothing_is_missing_and_open_again_when_it_comes_back(self):
        agreed = a_refund().agreed(500, on=DAY)

        partly = agreed.paid_as(Payment(499))
        paid = agreed.paid_as(Payment(500, DAY))
        back = agreed.paid_as(Payment(0, None, DAY))

        assert [one.state for one in (partly, paid, back)] == ["agreed", "paid", "returned"]
        assert [one.ended for one in (partly, paid, back)] == [False, True, False]


class TestRefuseBeside:
    def test_knows_the_same_request_again(self):
        earlier = a_refund(id="r0")

        assert refuse_beside(a_refund(), [earlier], today=DAY) is earlier

    @pytest.mark.parametrize(
        ("earlier", "refusal"),
        [
            pytest.param(a_refund(wanted_fen=1), RefundAskedOtherwise, id="another amount"),
            pytest.param(a_refund(requested_on=date(2026, 3, 1)), RefundOpen, id="an open one"),
        ],
    )
    def test_refuses_what_stands_against_an_earlier_one(self, earlier, refusal):
        with pytest.raises(refusal):
            refuse_beside(a_refund(), [earlier], today=DAY)

    def test_lets_another_day_ask_when_the_earlier_one_has_ended(self):
        ended = a_refund(requested_on=date(2026, 3, 1), standing="decided", owed_fen=0)

        assert refuse_beside(a_refund(), [ended], today=DAY) is None

    def test_refuses_a_day_that_has_not_come(self):
        with pytest.raises(RequestedLater):
            refuse_beside(a_refund(), [], today=date(2026, 3, 1))


class TestSilence:
    def test_is_five_working_days_on_every_day(self):
        assert silence_on(date(2026, 3, 2)).working_days == 5
        assert silence_on(date(2019, 3, 2)).working_days == 5
