"""One pupil's contracts and payments in one subject, and an institution's months made of them."""

from datetime import date, timedelta
from decimal import Decimal

from services.fund_monitor.domain.fees.fee_rules import FeeBook, FeePolicy
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.fee_groups import (
    Consumed,
    FeeBreach,
    FeeGroup,
    judge_group,
    judge_institution,
)
from tests.fund_monitor.domain.rules.fee_builders import SIGNED, a_contract, a_payment
from tests.fund_monitor.domain.rules.test_guide_price import a_guide


def rules_of(group: FeeGroup, book: FeeBook | None = None) -> set[tuple[str, str]]:
    return {(one.rule, one.month) for one in judge_group(group, book or FeeBook())}


class TestJudgeGroup:
    def test_what_is_agreed_counts_from_the_signing_and_what_is_paid_from_the_payment(self):
        contract = a_contract(lessons=Decimal(61))
        group = FeeGroup("pupil-1", (contract,), (a_payment(400_000, days=60),))

        assert rules_of(group) == {("fund.fee_lessons", "2026-03"), ("fund.fee_lessons", "2026-05")}

    def test_split_contracts_are_summed(self):
        group = FeeGroup(
            "pupil-1", (a_contract(), a_contract("C2", signed_on=SIGNED + timedelta(days=7)))
        )

        assert rules_of(group) == {
            ("fund.fee_lessons", "2026-03"),
            ("fund.fee_ceiling", "2026-03"),
        }

    def test_a_threshold_counts_from_the_day_on_which_it_is_in_force(self):
        later = FeePolicy(effective_from=date(2026, 4, 1), ceiling_non_subject_fen=300_000)
        paid = (a_payment(400_000, day=date(2026, 3, 31)),)
        group = FeeGroup("pupil-1", (a_contract(),), paid)

        assert rules_of(group, FeeBook(policies=(later,))) == set()
        moved = FeeGroup("pupil-1", (a_contract(),), (a_payment(400_000, day=date(2026, 4, 1)),))
        assert rules_of(moved, FeeBook(policies=(later,))) == {("fund.fee_ceiling", "2026-04")}

    def test_an_early_renewal_is_judged_by_what_was_consumed_until_then(self):
        renewal = a_contract("C2", signed_on=date(2026, 4, 1), starts_on=date(2026, 6, 1))
        paid = (a_payment(400_000), a_payment(400_000, day=date(2026, 4, 1), contract="C2"))
        contracts = (a_contract(), renewal)

        def judged(lessons: str) -> set[tuple[str, str]]:
            gone = (Consumed("C1", date(2026, 3, 31), Decimal(lessons), 0),)
            return rules_of(FeeGroup("pupil-1", contracts, paid, gone))

        assert judged("20") == set()
        assert judged("19.5") == {("fund.fee_early", "2026-04")}

    def test_without_a_guide_price_nothing_is_said_of_the_price(self):
        contract = a_contract(course_kind="subject", price_fen=400_000)
        group = FeeGroup("pupil-1", (contract,))

        assert rules_of(group) == set()
        assert rules_of(group, FeeBook(prices=(a_guide(),))) == {("fund.guide_price", "2026-03")}

    def test_before_a_rule_was_in_force_it_judges_nothing(self):
        old = a_contract(lessons=Decimal(61), price_fen=600_000, signed_on=date(2021, 7, 23))

        assert rules_of(FeeGroup("pupil-1", (old,))) == set()


def of_pupil(number: int, *, day: date = SIGNED, rule: str = "fund.fee_lessons") -> FeeBreach:
    return FeeBreach(rule, day, f"pupil-{number}", Breach("yellow", "超过", (f"e{number}",), {}))


class TestJudgeInstitution:
    def test_five_pupils_within_30_days_are_grave_and_four_are_not(self):
        four = [of_pupil(number) for number in range(4)]
        fifth = [of_pupil(4, day=SIGNED + timedelta(days=days)) for days in (30, 31)]

        within = judge_institution([*four, fifth[0]])
        without = judge_institution([*four, fifth[1]])

        assert within["fund.fee_lessons", "2026-04"].level == "red"
        assert {breach.level for breach in without.values()} == {"yellow"}

    def test_many_hints_stay_hints(self):
        known = [of_pupil(number, rule="fund.fee_ceiling_subject") for number in range(9)]

        [breach] = judge_institution(known).values()

        assert (breach.level, breach.figures["pupils"]) == ("yellow", 9)
        assert breach.message == "涉及9名学员，其中：超过"
