"""Figures of a bank at the door."""

import pytest

from benchmarks.door import percentile


@pytest.mark.parametrize(("percent", "value"), [(95, 95.0), (99, 99.0), (100, 100.0), (1, 1.0)])
def test_a_percentile_is_a_value_that_was_measured(percent, value):
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == value


def test_of_one_value_every_percentile_is_that_value():
    assert percentile([7.0], 99) == 7.0
