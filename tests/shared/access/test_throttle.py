"""How many requests pass in any second, and whom that concerns."""

import pytest

from shared.access.throttle import _MOST_REMEMBERED, Rates, Throttle
from shared.errors import TooManyRequests


class Clock:
    at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def throttle(clock):
    return Throttle(Rates(per_sender=2, per_subject=1), clock)


def passes(ask, name):
    try:
        ask(name)
    except TooManyRequests:
        return False
    return True


def test_no_second_holds_more_than_its_part_wherever_it_begins(throttle, clock):
    passed = []
    for _ in range(20):
        passed.append(passes(throttle.sender, "alpha"))
        clock.at += 0.25

    assert passed == [True, True, False, False] * 5


def test_a_second_is_over_when_it_is_over(throttle, clock):
    throttle.subject("a")
    clock.at += 0.999

    with pytest.raises(TooManyRequests, match="每秒最多 1 次请求"):
        throttle.subject("a")
    clock.at += 0.001
    throttle.subject("a")


def test_each_is_counted_for_itself_and_a_sender_is_no_bearer(throttle):
    throttle.subject("a")

    assert passes(throttle.subject, "b")
    assert [passes(throttle.sender, "a") for _ in range(3)] == [True, True, False]


def test_who_asked_longest_ago_is_forgotten_first(throttle):
    throttle.subject("first")
    for number in range(_MOST_REMEMBERED):
        throttle.subject(f"s{number}")

    assert passes(throttle.subject, "first")
    assert not passes(throttle.subject, f"s{_MOST_REMEMBERED - 1}")
