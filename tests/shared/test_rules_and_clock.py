"""When a rule is in force, and the two clocks of a service."""

from datetime import UTC, date, timedelta

import pytest

from shared.clock import Clock, machine_now
from shared.rules import Article

FROM, UNTIL = date(2022, 1, 1), date(2023, 1, 1)


@pytest.mark.parametrize(
    ("day", "closed", "open_ended"),
    [
        (FROM - timedelta(days=1), False, False),
        (FROM, True, True),
        (UNTIL - timedelta(days=1), True, True),
        (UNTIL, False, True),
    ],
)
def test_an_article_applies_from_its_first_day_until_before_its_last(day, closed, open_ended):
    assert Article("方案", "任务24", "Seed", FROM, UNTIL).applies_on(day) is closed
    assert Article("方案", "任务24", "Seed", FROM).applies_on(day) is open_ended


def test_the_service_clock_is_set_apart_and_the_machines_never_is():
    offset = timedelta(days=-100)
    before = machine_now()
    shown = Clock(offset).now()
    after = machine_now()

    assert before + offset <= shown <= after + offset
    assert shown.tzinfo is before.tzinfo is UTC
    assert before <= Clock().now()
