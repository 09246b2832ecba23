"""What is in hand, what is more, and when there is room again."""

import pytest

from shared.in_hand import Busy, InHand


def hand(**bounds):
    return InHand(**{"most": 2, "said": "请稍后重发", **bounds})


def test_takes_so_many_things_and_says_no_to_more():
    ours = hand(retry_after_seconds=7)

    with ours.take(), ours.take(), pytest.raises(Busy, match="请稍后重发") as refused, ours.take():
        pass

    assert refused.value.retry_after_seconds == 7
    assert ours.count == 0


def test_has_room_again_when_a_thing_is_done_however_it_ended():
    ours = hand(most=1, most_bytes=10)

    with pytest.raises(ValueError, match="failed"), ours.take(10):
        raise ValueError("failed")

    with ours.take(10):
        assert (ours.count, ours.bytes) == (1, 10)
    assert (ours.count, ours.bytes) == (0, 0)


def test_counts_bytes_beside_things():
    ours = hand(most=10, most_bytes=10)

    with ours.take(6), ours.take(4):
        with pytest.raises(Busy), ours.take(1):
            pass
        assert (ours.count, ours.bytes) == (2, 10)


def test_counts_bytes_as_they_come():
    ours = hand(most=10, most_bytes=10)

    with ours.take() as one, ours.take() as other:
        one.grow(8)
        other.grow(2)
        with pytest.raises(Busy):
            other.grow(1)
        assert (one.size, other.size, ours.bytes) == (8, 2, 10)
    assert ours.bytes == 0


def test_takes_a_thing_that_is_alone_whatever_its_size():
    ours = hand(most_bytes=10)

    with ours.take(25):
        assert ours.bytes == 25
        with pytest.raises(Busy), ours.take(1):
            pass
