from datetime import UTC, date, datetime, timedelta

import pytest

from services.fund_monitor.domain.rules.unallocated_money import (
    Due,
    Waiting,
    look_again_on,
    money_is_allocated_in_time,
)

PAID_AT = datetime(2026, 6, 4, 2, tzinfo=UTC)
DEADLINE = datetime(2026, 6, 9, 16, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def due(
    name: str = "d",
    *,
    paid_at: datetime = PAID_AT,
    at: datetime = DEADLINE,
    provisional: bool = False,
) -> Due:
    return Due(Waiting(name, "alpha|A1", paid_at, 1_000), at, provisional)


class TestMoneyIsAllocatedInTime:
    """Indicator F05, proposed: 3 working days."""

    @pytest.mark.parametrize(
        ("now", "late"),
        [
            pytest.param(DEADLINE - INSTANT, 0, id="within the last instant"),
            pytest.param(DEADLINE, 1, id="when the deadline has passed"),
        ],
    )
    def test_gives_until_the_deadline(self, now, late):
        found = money_is_allocated_in_time([due()], now=now)

        assert len(found) == late

    def test_sums_what_is_late_in_the_month_in_which_it_was_paid(self):
        some = [due("a"), due("b"), due("c", paid_at=PAID_AT - timedelta(days=31))]

        found = money_is_allocated_in_time(some, now=DEADLINE)

        assert {month: each[0].figures["amount_fen"] for month, each in found.items()} == {
            "2026-05": 1_000,
            "2026-06": 2_000,
        }
        assert found["2026-06"][0].level == "yellow"
        assert found["2026-06"][0].events == ("a", "b")

    def test_finds_nothing_by_an_estimated_calendar(self):
        assert money_is_allocated_in_time([due(provisional=True)], now=DEADLINE) == {}


class TestLookAgainOn:
    def test_is_the_day_after_the_next_deadline(self):
        some = [due(), due("b", at=DEADLINE + timedelta(days=1))]

        assert look_again_on(some, now=PAID_AT) == date(2026, 6, 10)

    def test_is_never_when_all_is_late(self):
        assert look_again_on([due()], now=DEADLINE) is None

    def test_is_every_day_while_the_calendar_is_estimated(self):
        assert look_again_on([due(provisional=True)], now=DEADLINE) == date(2026, 6, 11)
