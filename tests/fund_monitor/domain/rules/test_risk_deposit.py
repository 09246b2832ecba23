"""F02 around its edges: the deposit, the cycle, and the days on which they are compared."""

from datetime import date

import pytest

from services.fund_monitor.domain.custody.supervision import ModeHistory
from services.fund_monitor.domain.rules.coverage import DayTotal
from services.fund_monitor.domain.rules.fee_collections import Payment
from services.fund_monitor.domain.rules.risk_deposit import (
    DepositPosition,
    deposit_covers_a_cycle,
    deposit_positions,
    look_again_on,
)

MARCH = ModeHistory(((date(2026, 3, 10), "risk_deposit"),))


def due(day: date, fen: int = 100) -> Payment:
    return Payment("contract:C1", "C1", day, fen)


class TestDepositCoversACycle:
    @pytest.mark.parametrize(
        ("deposit", "levels"),
        [(999, ["red"]), (1_000, ["yellow"]), (1_099, ["yellow"]), (1_100, []), (-1, ["red"])],
    )
    def test_is_red_below_the_fees_and_yellow_below_a_tenth_more(self, deposit, levels):
        position = DepositPosition(date(2026, 3, 31), deposit, (due(date(2026, 3, 1), 1_000),))

        found = deposit_covers_a_cycle([position])

        assert [breach.level for some in found.values() for breach in some] == levels
        assert set(found) <= {"2026-03"}

    def test_has_nothing_to_say_where_nothing_fell_due(self):
        assert deposit_covers_a_cycle([DepositPosition(date(2026, 3, 31), 0, ())]) == {}

    def test_never_reads_as_enough_what_is_short(self):
        position = DepositPosition(date(2026, 3, 31), 99_999, (due(date(2026, 3, 1), 100_000),))

        [breach] = deposit_covers_a_cycle([position])["2026-03"]

        assert "99.9%" in breach.message
        assert breach.figures == {"day": "2026-03-31", "deposit_fen": 99_999, "fees_fen": 100_000}


class TestDepositPositions:
    @pytest.mark.parametrize(
        ("day", "fees"),
        [
            (date(2026, 2, 28), 0),
            (date(2026, 3, 1), 100),
            (date(2026, 5, 31), 100),
            (date(2026, 6, 1), 0),
        ],
    )
    def test_a_cycle_is_the_month_and_the_two_before_it(self, day, fees):
        positions = deposit_positions(MARCH, [], [due(day)], today=date(2026, 6, 15))

        assert {one.day: one.fees_fen for one in positions}[date(2026, 5, 31)] == fees

    def test_looks_at_ends_of_months_and_today_and_at_the_money_of_the_day(self):
        totals = [DayTotal(date(2026, 3, 31), 500, 0), DayTotal(date(2026, 4, 1), -200, 0)]

        positions = deposit_positions(
            MARCH, totals, [due(date(2026, 4, 16))], today=date(2026, 4, 15)
        )

        assert [(one.day.isoformat(), one.deposit_fen, one.fees_fen) for one in positions] == [
            ("2026-03-31", 500, 0),
            ("2026-04-15", 300, 0),
        ]

    def test_leaves_out_the_months_at_whose_end_another_mode_holds(self):
        modes = ModeHistory(
            (
                (date(2026, 3, 31), "transitional_full_deposit"),
                (date(2026, 4, 30), "custody"),
                (date(2026, 5, 31), "risk_deposit"),
            )
        )

        positions = deposit_positions(modes, [], [], today=date(2026, 6, 1))

        assert [one.day.month for one in positions] == [3, 5, 6]

    def test_knows_nothing_of_those_that_keep_no_deposit(self):
        modes = ModeHistory(((date(2026, 3, 1), "custody"),))

        assert deposit_positions(modes, [], [], today=date(2026, 6, 1)) == []


class TestLookAgainOn:
    @pytest.mark.parametrize(
        ("part", "day"),
        [
            (date(2026, 6, 30), date(2026, 7, 1)),
            (date(2026, 7, 2), date(2026, 7, 1)),
            (date(2026, 6, 29), date(2026, 6, 29)),
            (date(2026, 6, 15), date(2026, 7, 1)),
        ],
    )
    def test_is_the_next_part_or_the_next_month(self, part, day):
        today = date(2026, 6, 30) if part == date(2026, 6, 30) else date(2026, 6, 15)

        assert look_again_on([due(part)], today=today) == day
