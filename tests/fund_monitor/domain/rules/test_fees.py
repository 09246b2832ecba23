"""The exact edges of what may be collected at once, and when."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.fees.fee_rules import FeeBook, FeePolicy
from services.fund_monitor.domain.rules.fees import (
    Left,
    collected_in_time,
    lessons_within_limit,
    period_within_limit,
    sum_within_ceiling,
)
from tests.fund_monitor.domain.rules.fee_builders import (
    SIGNED,
    a_contract,
    a_payment,
    collected,
)


def by_period(first: date, last: date, **more: object) -> TrainingContract:
    return a_contract(lessons=None, period_from=first, period_until=last, **more)


class TestLessons:
    @pytest.mark.parametrize(
        ("lessons", "level"), [("60", None), ("60.5", "yellow"), ("90", "yellow"), ("90.5", "red")]
    )
    def test_sixty_are_lawful_and_half_a_lesson_more_is_not(self, lessons: str, level: str | None):
        [one] = collected(a_contract(lessons=Decimal(lessons)))

        breach = lessons_within_limit(one)

        assert (breach and breach.level) == level

    def test_a_breach_says_how_many(self):
        [one] = collected(a_contract(lessons=Decimal("60.5")))

        breach = lessons_within_limit(one)

        assert breach is not None
        assert breach.message == "一次收取60.5课时，超过60课时"

    def test_an_instalment_buys_its_part_of_the_lessons(self):
        contract = a_contract(lessons=Decimal(120), price_fen=480_000)
        halves = [a_payment(240_000), a_payment(240_000, days=80)]

        found = collected(contract, paid=halves)

        assert [one.lessons for one in found] == [60, 60]
        assert [lessons_within_limit(one) for one in found] == [None, None]

    @pytest.mark.parametrize(("days", "lessons"), [(7, 80), (8, 40)])
    def test_contracts_seven_days_apart_are_one_collection_and_eight_are_two(
        self, days: int, lessons: int
    ):
        second = a_contract("C2", signed_on=SIGNED + timedelta(days=days))

        *_, last = collected(a_contract(), second)

        assert last.lessons == lessons
        assert (lessons_within_limit(last) is None) == (days == 8)

    @pytest.mark.parametrize(
        ("mode", "minutes", "lawful"),
        [
            ("online", 30, True),
            ("online", 31, False),
            ("offline", 45, True),
            ("offline", 46, False),
        ],
    )
    def test_the_switch_counts_standard_lessons_by_minutes(
        self, *, mode: str, minutes: int, lawful: bool
    ):
        book = FeeBook(policies=(FeePolicy(effective_from=SIGNED, lesson_count="standard"),))
        contract = a_contract(lessons=Decimal(60), mode=mode, lesson_minutes=minutes)

        [one] = collected(contract, book=book)

        assert (lessons_within_limit(one) is None) == lawful

    @given(
        parts=st.lists(st.integers(min_value=1, max_value=500_000), min_size=1, max_size=6),
        days=st.lists(st.integers(min_value=0, max_value=7), min_size=6, max_size=6),
        lessons=st.decimals(min_value=Decimal("60.01"), max_value=Decimal(400), places=2),
    )
    def test_splitting_a_collection_within_the_window_never_makes_it_lawful(
        self, parts: list[int], days: list[int], lessons: Decimal
    ):
        contract = by_period(date(2026, 3, 1), date(2026, 6, 1), price_fen=sum(parts))
        both = a_contract("C2", lessons=lessons, price_fen=sum(parts))
        paid = [
            a_payment(fen, days=apart, contract=number)
            for number in ("C1", "C2")
            for fen, apart in zip(parts, days, strict=False)
        ]

        *_, last = collected(contract, both, paid=paid)

        assert lessons_within_limit(last) is not None
        assert period_within_limit(last) is not None


class TestPeriod:
    @pytest.mark.parametrize(
        ("first", "last", "lawful"),
        [
            pytest.param("2026-03-01", "2026-05-31", True, id="the last day of three months"),
            pytest.param("2026-03-01", "2026-06-01", False, id="a day more"),
            pytest.param("2026-11-30", "2027-02-27", True, id="to the end of February"),
            pytest.param("2026-11-30", "2027-02-28", False, id="clamped to February 28"),
            pytest.param("2027-11-30", "2028-02-28", True, id="the day before a leap day"),
            pytest.param("2027-11-30", "2028-02-29", False, id="clamped to February 29"),
            pytest.param("2028-02-29", "2028-05-28", True, id="from a leap day"),
            pytest.param("2028-02-29", "2028-05-29", False, id="from a leap day, a day more"),
        ],
    )
    def test_a_period_ends_before_three_calendar_months_have_passed(
        self, *, first: str, last: str, lawful: bool
    ):
        [one] = collected(by_period(date.fromisoformat(first), date.fromisoformat(last)))

        assert (period_within_limit(one) is None) == lawful

    def test_half_of_six_months_is_three(self):
        contract = by_period(date(2026, 9, 1), date(2027, 2, 28))
        halves = [a_payment(200_000), a_payment(200_000, days=90)]

        assert [period_within_limit(one) for one in collected(contract, paid=halves)] == [
            None,
            None,
        ]

    def test_periods_of_split_contracts_span_from_the_first_day_to_the_last(self):
        spring = by_period(date(2026, 3, 1), date(2026, 5, 31))
        summer = by_period(date(2026, 6, 1), date(2026, 6, 1), contract_no="C2")

        *_, last = collected(spring, summer)

        breach = period_within_limit(last)
        assert breach is not None
        assert "2026-03-01至2026-06-01" in breach.message
        assert "2份合同的2笔收费" in breach.message

    @pytest.mark.parametrize(
        ("lessons", "until", "unlawful"),
        [
            pytest.param(60, "2026-05-31", set(), id="both within"),
            pytest.param(60, "2026-06-01", {"period"}, id="the period is the shorter way"),
            pytest.param(61, "2026-03-31", {"lessons"}, id="the lessons are the shorter way"),
        ],
    )
    def test_of_two_ways_the_shorter_binds(self, lessons: int, until: str, unlawful: set[str]):
        contract = a_contract(
            lessons=Decimal(lessons),
            period_from=date(2026, 3, 1),
            period_until=date.fromisoformat(until),
        )
        [one] = collected(contract)

        found = {"lessons": lessons_within_limit(one), "period": period_within_limit(one)}

        assert {name for name, breach in found.items() if breach} == unlawful


class TestCeiling:
    @pytest.mark.parametrize(
        ("kind", "fen", "level"),
        [
            ("non_subject", 500_000, None),
            ("non_subject", 500_001, "yellow"),
            ("non_subject", 750_001, "red"),
            ("subject", 500_000, None),
            ("subject", 750_001, "yellow"),
        ],
    )
    def test_one_fen_above_is_told_and_a_subject_is_only_warned(
        self, kind: str, fen: int, level: str | None
    ):
        [one] = collected(a_contract(course_kind=kind, price_fen=fen))

        breach = sum_within_ceiling(one, FeePolicy(effective_from=SIGNED))

        assert (breach and breach.level) == level
        assert breach is None or ("不作违规认定" in breach.message) == (kind == "subject")

    def test_a_ceiling_of_none_does_not_judge(self):
        [one] = collected(a_contract(price_fen=9_000_000))
        policy = FeePolicy(effective_from=SIGNED, ceiling_non_subject_fen=None)

        assert sum_within_ceiling(one, policy) is None

    def test_what_is_paid_after_the_lessons_is_no_collection_in_advance(self):
        contract = a_contract(price_fen=900_000, supervision="post_paid", starts_on=SIGNED)
        paid = [a_payment(400_000, days=-1), a_payment(500_000, days=0)]

        [one] = collected(contract, paid=paid)

        assert one.fen == 400_000


class TestEarliest:
    COURSE = date(2026, 3, 31)

    @pytest.mark.parametrize(
        ("paid_on", "lawful"), [(date(2026, 2, 28), True), (date(2026, 2, 27), False)]
    )
    def test_a_month_before_the_course_is_lawful_and_a_day_earlier_is_not(
        self, *, paid_on: date, lawful: bool
    ):
        contract = by_period(self.COURSE, date(2026, 5, 1), starts_on=self.COURSE)

        breach = collected_in_time(contract, paid_on, Left(None), evidence="p")

        assert (breach is None) == lawful

    @pytest.mark.parametrize(
        ("left", "lawful"),
        [(Fraction(20), True), (Fraction(41, 2), False), (Fraction(0), True), (None, False)],
    )
    def test_a_renewal_by_lessons_may_come_when_twenty_are_left(
        self, *, left: Fraction | None, lawful: bool
    ):
        contract = a_contract(starts_on=self.COURSE)

        breach = collected_in_time(contract, date(2026, 1, 5), Left(left), evidence="p")

        assert (breach is None) == lawful

    def test_who_charges_both_ways_has_the_month_only(self):
        contract = a_contract(
            starts_on=self.COURSE, period_from=self.COURSE, period_until=date(2026, 5, 1)
        )

        assert collected_in_time(contract, date(2026, 1, 5), Left(Fraction(1)), evidence="p")
