from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.over_collection import (
    EASES,
    Order,
    facts_of_pupil,
    lessons_stay_within_limit,
    over_collection,
    period_stays_within_limit,
)

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def an_order(name: str = "o", *, days: int = 0, **changes: object) -> Order:
    defaults = {
        "identity": name,
        "type": "deposit",
        "occurred_at": NOON + timedelta(days=days),
        "lessons": Decimal(48),
        "period_from": None,
        "period_until": None,
        "pupil": name,
    }
    return Order(**(defaults | changes))  # type: ignore[arg-type]  # a builder


class TestLessonsStayWithinLimit:
    """Plan, task 24."""

    @pytest.mark.parametrize(
        ("lessons", "lawful"), [("59.99", True), ("60.00", True), ("60.01", False), ("60.5", False)]
    )
    def test_sixty_is_lawful_and_more_is_not(self, lessons, lawful):
        assert lessons_stay_within_limit(an_order(lessons=Decimal(lessons))) is lawful

    def test_says_nothing_of_a_payment_without_lessons(self):
        assert lessons_stay_within_limit(an_order(lessons=None))


class TestPeriodStaysWithinLimit:
    """Plan, task 24."""

    @pytest.mark.parametrize(
        ("start", "until", "lawful"),
        [
            pytest.param("2026-03-01", "2026-05-31", True, id="three months, last day included"),
            pytest.param("2026-03-01", "2026-06-01", False, id="a day longer"),
            pytest.param("2025-11-30", "2026-02-27", True, id="clamped to the end of February"),
            pytest.param("2025-11-30", "2026-02-28", False, id="the clamped day itself"),
        ],
    )
    def test_ends_before_three_calendar_months_have_passed(self, start, until, lawful):
        order = an_order(
            period_from=date.fromisoformat(start), period_until=date.fromisoformat(until)
        )

        assert period_stays_within_limit(order) is lawful


def judged(orders: list[Order], *, month: str) -> list[Breach]:
    by_name: dict[str, list[Order]] = {}
    for order in orders:
        by_name.setdefault(order.pupil or order.identity, []).append(order)
    return over_collection([facts_of_pupil(some) for some in by_name.values()], month=month)


class TestOverCollection:
    """Indicator F06."""

    def test_is_silent_where_nobody_pays_too_much(self):
        orders = [an_order(str(n), lessons=Decimal(60)) for n in range(9)]

        assert judged(orders, month="2026-03") == []

    def test_is_yellow_for_a_single_order_over_the_limit(self):
        found = judged([an_order(lessons=Decimal(61))], month="2026-03")

        assert [breach.level for breach in found] == ["yellow"]
        assert judged([an_order(lessons=Decimal(61))], month="2026-04") == []

    @pytest.mark.parametrize(
        ("pupils", "last_day", "red"), [(5, 30, True), (4, 30, False), (5, 31, False)]
    )
    def test_is_red_for_five_pupils_within_thirty_days(self, pupils, last_day, red):
        days = [*range(pupils - 1), last_day]
        orders = [an_order(str(n), days=d, lessons=Decimal(61)) for n, d in enumerate(days)]

        found = [b for month in ("2026-03", "2026-04") for b in judged(orders, month=month)]

        assert any(breach.level == "red" for breach in found) is red

    @pytest.mark.parametrize(("second", "red"), [("45", False), ("45.01", True)])
    def test_is_red_when_one_pupils_open_orders_pass_ninety_lessons(self, second, red):
        orders = [
            an_order("1", pupil="p", lessons=Decimal(45)),
            an_order("2", pupil="p", lessons=Decimal(second), days=1),
        ]

        found = judged(orders, month="2026-03")

        assert [breach.level for breach in found] == (["red"] if red else [])

    def test_counts_only_what_is_still_open(self):
        orders = [
            an_order("1", pupil="p", lessons=Decimal(60)),
            an_order("2", pupil="p", type="release", lessons=Decimal(40), days=1),
            an_order("3", pupil="p", lessons=Decimal(60), days=2),
        ]

        assert judged(orders, month="2026-03") == []


ORDERS = st.lists(
    st.builds(
        lambda kind, days, lessons, length: an_order(
            f"{kind}{days}{lessons}",
            days=days,
            type=kind,
            lessons=Decimal(lessons),
            period_from=NOON.date() if length else None,
            period_until=NOON.date() + timedelta(days=length) if length else None,
            pupil="p",
        ),
        st.sampled_from(["deposit", "release", "refund"]),
        st.integers(0, 90),
        st.integers(1, 70),
        st.sampled_from([0, 60, 100, 140]),
    ),
    max_size=12,
)


class TestEases:
    """What lets the judge leave alone a pupil of whom nothing is found."""

    @given(ORDERS)
    def test_nothing_is_found_with_what_eases_that_was_not_found_without(self, orders):
        paid = facts_of_pupil(one for one in orders if one.type not in EASES)

        assert facts_of_pupil(orders).months <= paid.months

    @given(ORDERS)
    def test_one_more_of_it_finds_nothing_new(self, orders):
        eases = an_order("more", days=45, type="release", lessons=Decimal(9), pupil="p")

        assert facts_of_pupil([*orders, eases]).months <= facts_of_pupil(orders).months


class TestFactsOfPupil:
    @given(ORDERS)
    def test_has_every_unlawful_payment_and_every_month_with_too_many_lessons_open(self, orders):
        by_lessons = [replace(one, period_from=None, period_until=None) for one in orders]
        expected, lessons = set(), Decimal(0)
        for one in sorted(by_lessons, key=lambda each: (each.occurred_at, each.identity)):
            signed = one.lessons if one.type == "deposit" else -one.lessons
            lessons = max(Decimal(0), lessons + signed)
            if one.type == "deposit" and lessons > 90:
                expected.add(f"{one.occurred_at:%Y-%m}")

        facts = facts_of_pupil(by_lessons)

        assert {month for month, _ in facts.open_too_much} == expected
        assert [one.identity for one in facts.over] == [
            one.identity
            for one in sorted(by_lessons, key=lambda each: (each.occurred_at, each.identity))
            if one.type == "deposit" and one.lessons > 60
        ]
