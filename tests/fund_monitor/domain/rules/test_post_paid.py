"""Prepayments of those who are filed as paid after the lessons."""

from datetime import date
from typing import Any

import pytest

from services.fund_monitor.domain.contracts.contract import Instalment
from services.fund_monitor.domain.custody.supervision import ModeHistory
from services.fund_monitor.domain.rules.post_paid import (
    Paid,
    asks_for_prepayment,
    is_prepayment,
    post_paid_institution_takes_nothing_in_advance,
)
from tests.support.contracts import a_contract

STARTS = date(2026, 3, 7)
AFTER = a_contract(supervision="post_paid", starts_on=STARTS)
SINCE_MARCH = ModeHistory(((date(2026, 3, 2), "post_paid"), (date(2026, 5, 4), "custody")))


def paid(day: int, month: int = 3, **more: Any) -> Paid:
    return Paid("d", date(2026, month, day), 900, **more)


class TestIsPrepayment:
    @pytest.mark.parametrize(("day", "before"), [(6, True), (7, False), (8, False)])
    def test_goes_by_the_first_lesson_of_a_post_paid_contract(self, day, before):
        assert is_prepayment(paid(day, by_lessons=True), AFTER) is before

    def test_whatever_is_paid_for_a_prepaid_contract_is_one(self):
        assert is_prepayment(paid(20), a_contract(supervision="custody"))

    @pytest.mark.parametrize(
        ("more", "before"),
        [
            ({}, False),
            ({"by_lessons": True}, True),
            ({"period_until": date(2026, 3, 6)}, False),
            ({"period_until": date(2026, 3, 7)}, True),
        ],
    )
    def test_without_a_contract_goes_by_what_the_bank_tells(self, more, before):
        assert is_prepayment(paid(6, **more), None) is before


class TestAsksForPrepayment:
    @pytest.mark.parametrize(("due", "early"), [(6, True), (7, False)])
    def test_goes_by_the_first_part(self, due, early):
        part = Instalment(date(2026, 3, due), 100)

        assert (
            asks_for_prepayment(a_contract(supervision="post_paid", instalments=(part,))) is early
        )
        assert asks_for_prepayment(a_contract(supervision="risk_deposit"))
        assert not asks_for_prepayment(AFTER)


class TestPostPaidInstitutionTakesNothingInAdvance:
    """教监管函〔2021〕2号, as we read it."""

    @pytest.mark.parametrize(
        ("day", "month", "months"),
        [(1, 3, []), (2, 3, ["2026-03"]), (3, 5, ["2026-05"]), (4, 5, [])],
    )
    def test_judges_deposits_of_the_days_of_the_exemption(self, day, month, months):
        some = [paid(day, month, by_lessons=True)]

        found = post_paid_institution_takes_nothing_in_advance(SINCE_MARCH, some, {})

        assert list(found) == months

    def test_adds_up_a_month_and_judges_what_was_signed(self):
        prepaid = a_contract(contract_no="C2", signed_on=date(2026, 3, 2))
        before = a_contract(contract_no="C3", signed_on=date(2026, 3, 1))
        some = [paid(3, contract_no="C2"), paid(4, contract_no="C2"), paid(9, contract_no="C1")]
        contracts = {"C1": AFTER, "C2": prepaid, "C3": before}

        found = post_paid_institution_takes_nothing_in_advance(SINCE_MARCH, some, contracts)

        deposits, signed = found["2026-03"]
        assert deposits.figures == {"deposits": 2, "amount_fen": 1_800}
        assert signed.events == ("contract:C2",)
        assert {deposits.level, signed.level} == {"yellow"}
