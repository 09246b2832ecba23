"""How long each attempt waits for the next."""

from datetime import timedelta

import pytest

from shared.notify.model import DELAYS, delay_after


class TestDelayAfter:
    @pytest.mark.parametrize("attempts", range(len(DELAYS)))
    def test_is_the_declared_one_give_or_take_a_tenth(self, attempts):
        delay = delay_after(attempts)

        assert delay is not None
        assert DELAYS[attempts] * 0.9 <= delay <= DELAYS[attempts] * 1.1

    def test_differs_from_job_to_job(self):
        assert len({delay_after(9) for _ in range(20)}) > 1

    def test_ends_with_the_last_attempt(self):
        assert delay_after(len(DELAYS)) is None

    def test_reaches_over_more_than_three_days(self):
        assert sum(DELAYS, timedelta(0)) > timedelta(days=3)
