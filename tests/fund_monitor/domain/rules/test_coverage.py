from datetime import date, timedelta

import pytest

from services.fund_monitor.domain.rules.coverage import (
    DayTotal,
    balance_covers_unconsumed,
    coverage_by_month,
    gap_is_grave,
    shortfalls,
)

MONDAY = date(2026, 3, 2)
TODAY = date(2026, 3, 20)


def levels(totals: list[DayTotal], *, today: date = TODAY) -> dict[str, list[str]]:
    short = shortfalls(totals, today=today, is_banking_day=lambda day: day.weekday() < 5)
    return {
        month: [b.level for b in found] for month, found in coverage_by_month(short, {}).items()
    }


class TestBalanceCoversUnconsumed:
    """Indicator F01."""

    @pytest.mark.parametrize(
        ("balance", "unconsumed", "covered"),
        [
            pytest.param(0, 50_000, True, id="500 yuan short"),
            pytest.param(0, 50_001, False, id="a fen more"),
            pytest.param(19_900_000, 20_000_000, True, id="half a percent short"),
            pytest.param(19_899_999, 20_000_000, False, id="a fen more than that"),
            pytest.param(-5, -100, True, id="more consumed than paid"),
        ],
    )
    def test_tolerates_half_a_percent_or_500_yuan(self, balance, unconsumed, covered):
        assert balance_covers_unconsumed(balance, unconsumed) is covered


class TestGapIsGrave:
    """Indicator F01."""

    @pytest.mark.parametrize(
        ("balance", "unconsumed", "grave"),
        [
            (900_000, 1_000_000, False),
            (899_999, 1_000_000, True),
            (95_000_000, 100_000_000, False),
            (94_999_999, 100_000_000, True),
        ],
    )
    def test_below_nine_tenths_or_more_than_50000_yuan(self, balance, unconsumed, grave):
        assert gap_is_grave(balance, unconsumed) is grave


class TestShortfalls:
    """Indicator F01."""

    def short_for(self, days: int, start: date = MONDAY) -> list[DayTotal]:
        return [
            DayTotal(start, 9_400_000, 10_000_000),
            DayTotal(start + timedelta(days=days), 600_000, 0),
        ]

    def test_one_banking_days_end_is_no_breach(self):
        assert levels(self.short_for(1)) == {}

    def test_two_banking_days_ends_are_yellow(self):
        assert levels(self.short_for(2)) == {"2026-03": ["yellow"]}

    def test_a_weekend_adds_no_banking_day(self):
        assert levels(self.short_for(3, start=date(2026, 3, 6))) == {}

    def test_today_has_not_ended(self):
        totals = [DayTotal(MONDAY, 9_400_000, 10_000_000)]

        assert levels(totals, today=MONDAY + timedelta(days=1)) == {}
        assert levels(totals, today=MONDAY + timedelta(days=2)) == {"2026-03": ["yellow"]}

    def test_a_grave_gap_is_red_at_once_and_in_every_month_it_stands(self):
        totals = [DayTotal(MONDAY, 0, 10_000_000)]

        assert levels(totals, today=MONDAY) == {"2026-03": ["red"]}
        assert levels(totals, today=date(2026, 4, 1)) == {"2026-03": ["red"], "2026-04": ["red"]}
