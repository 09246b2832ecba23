"""What may be filed as a contract, and what stands after it."""

from datetime import date
from decimal import Decimal

import pytest

from services.fund_monitor.domain.contracts.contract import Instalment
from services.fund_monitor.domain.contracts.filing import (
    ContractMisshapen,
    ContractOfPlatform,
    filed_over,
    refuse_misshapen,
    shape_problems,
)
from tests.support.contracts import a_contract

FIRST, LAST = date(2026, 3, 1), date(2026, 5, 31)


def pointers(**more):
    return [pointer for pointer, _ in shape_problems(a_contract(**more))]


class TestShape:
    @pytest.mark.parametrize(
        ("more", "where"),
        [
            pytest.param({}, [], id="lessons alone"),
            pytest.param(
                {"lessons": None, "period_from": FIRST, "period_until": LAST}, [], id="period alone"
            ),
            pytest.param({"period_from": FIRST, "period_until": FIRST}, [], id="one day"),
            pytest.param({"lessons": None}, ["/lessons"], id="neither way of charging"),
            pytest.param({"lessons": Decimal(0)}, ["/lessons"], id="no lesson at all"),
            pytest.param({"period_from": FIRST}, ["/period_until"], id="a period without its end"),
            pytest.param({"period_until": LAST}, ["/period_from"], id="a period without its start"),
            pytest.param(
                {"period_from": LAST, "period_until": FIRST}, ["/period_until"], id="backwards"
            ),
            pytest.param({"starts_on": date(2062, 3, 7)}, ["/starts_on"], id="a slip of the year"),
        ],
    )
    def test_points_at_what_cannot_be(self, more, where):
        assert pointers(**more) == where

    @pytest.mark.parametrize(("last_fen", "where"), [(60_000, []), (59_999, ["/instalments"])])
    def test_holds_instalments_against_the_price(self, last_fen, where):
        parts = (Instalment(FIRST, 60_000), Instalment(LAST, last_fen))

        assert pointers(instalments=parts) == where

    def test_takes_what_the_fee_rules_forbid(self):
        assert pointers(lessons=Decimal("60.50"), price_fen=10**13) == []

    def test_is_refused_with_every_field_that_is_wrong(self):
        bad = a_contract(lessons=None, instalments=(Instalment(FIRST, 1),))

        with pytest.raises(ContractMisshapen) as refused:
            refuse_misshapen(bad)

        assert [pointer for pointer, _ in refused.value.fields] == ["/lessons", "/instalments"]


def of_platform(code="cloud", **more):
    return a_contract(source="platform", platform=code, **more)


class TestFiledOver:
    def test_begins_with_the_first_version(self):
        filed = filed_over(a_contract(), None)

        assert (filed.step, filed.contract.version) == ("filed", 1)

    def test_is_a_duplicate_when_it_says_the_same(self):
        filed = filed_over(a_contract(), a_contract(version=3))

        assert (filed.step, filed.contract.version) == ("duplicate", 3)

    def test_is_a_new_version_when_it_says_something_else(self):
        filed = filed_over(a_contract(price_fen=1), a_contract(version=3))

        assert (filed.step, filed.contract.version) == ("changed", 4)

    def test_the_platform_takes_over_what_was_entered_by_hand(self):
        filed = filed_over(of_platform(), a_contract(version=1))

        assert (filed.step, filed.contract.source) == ("changed", "platform")

    @pytest.mark.parametrize("given", [a_contract(price_fen=1), of_platform("other")])
    def test_nobody_else_changes_what_a_platform_has_filed(self, given):
        with pytest.raises(ContractOfPlatform):
            filed_over(given, of_platform(version=1))

    def test_a_hand_may_repeat_what_the_platform_has_said(self):
        known = of_platform(version=1)

        assert filed_over(a_contract(), known).contract is known
