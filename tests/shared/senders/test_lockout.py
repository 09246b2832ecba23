"""Who is kept out after many bad signatures, for how long, and who is not."""

import pytest

from shared.senders.lockout import LOCKED_SECONDS, MOST_BAD, WITHIN_SECONDS, LockedOut, Lockout


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def lockout(time):
    return Lockout(time)


def guess(lockout, times, *, code="alpha", address="192.0.2.1"):
    for _ in range(times):
        lockout.count(code, address)


def is_locked_out(lockout, code="alpha", address="192.0.2.1"):
    try:
        lockout.refuse(code, address)
    except LockedOut:
        return True
    return False


def test_the_twentieth_bad_signature_locks_out(lockout):
    guess(lockout, MOST_BAD - 1)
    assert not is_locked_out(lockout)

    guess(lockout, 1)

    assert is_locked_out(lockout)


def test_the_same_sender_from_elsewhere_and_other_senders_go_on(lockout):
    guess(lockout, MOST_BAD)

    assert not is_locked_out(lockout, address="192.0.2.2")
    assert not is_locked_out(lockout, code="beta")


def test_it_ends_after_fifteen_minutes(lockout, time):
    guess(lockout, MOST_BAD)
    with pytest.raises(LockedOut) as refusal:
        lockout.refuse("alpha", "192.0.2.1")
    assert 0 < refusal.value.retry_after_seconds <= LOCKED_SECONDS + 1

    time.now += LOCKED_SECONDS - 1
    assert is_locked_out(lockout)
    time.now += 1
    assert not is_locked_out(lockout)


def test_bad_signatures_far_apart_lock_nobody_out(lockout, time):
    for _ in range(3 * MOST_BAD):
        guess(lockout, 1)
        time.now += WITHIN_SECONDS / (MOST_BAD - 2)

    assert not is_locked_out(lockout)


def test_a_flood_of_names_does_not_fill_the_memory(lockout):
    guess(lockout, MOST_BAD)
    for number in range(10_001):
        lockout.count("x" * 1_000, f"{number}" + "y" * 1_000)

    assert not is_locked_out(lockout)
    assert is_locked_out(lockout, "x" * 1_000, "none") is False
