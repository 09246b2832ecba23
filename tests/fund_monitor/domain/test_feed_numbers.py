"""Numbers: in whatever order, what never came is missing, and each is one event's."""

from hypothesis import given
from hypothesis import strategies as st

from services.fund_monitor.domain.banks.feed_numbers import Gap, Misnumbered, Numbered, own, take

NUMBERS = st.lists(st.integers(0, 60), min_size=1, max_size=60)


class Kept:
    """What the store keeps of one count, taken forward batch by batch."""

    def __init__(self, first_no: int = 0) -> None:
        self.high = first_no - 1
        self.gaps: dict[int, Gap] = {}

    def take(self, *numbers: int) -> None:
        taken = take(numbers, high=self.high, gaps=sorted(self.gaps.values(), key=_first))
        for gap in taken.filled:
            del self.gaps[gap.began]
        for gap in taken.changed:
            assert gap.began in self.gaps
            self.gaps[gap.began] = gap
        for gap, origin in taken.fresh:
            assert gap.began not in self.gaps
            assert origin is None or origin.began != gap.began
            self.gaps[gap.began] = gap
        self.high = taken.high

    @property
    def ranges(self) -> list[tuple[int, int]]:
        return sorted((gap.first, gap.last) for gap in self.gaps.values())


def _first(gap: Gap) -> int:
    return gap.first


def ranges_missing(numbers: set[int]) -> list[tuple[int, int]]:
    missing = [number for number in range(max(numbers)) if number not in numbers]
    found: list[tuple[int, int]] = []
    for number in missing:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


@given(numbers=NUMBERS, size=st.integers(1, 9))
def test_what_is_left_is_what_never_came(numbers: list[int], size: int):
    kept = Kept()
    for start in range(0, len(numbers), size):
        kept.take(*numbers[start : start + size])

    assert _joined(kept.ranges) == ranges_missing(set(numbers))
    assert kept.high == max(numbers)


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Gaps that were found apart may touch: each keeps its own age."""
    found: list[tuple[int, int]] = []
    for first, last in ranges:
        assert first <= last
        if found and found[-1][1] == first - 1:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def test_a_number_in_the_middle_splits_a_gap_and_its_ends_shorten_it():
    kept = Kept(first_no=1)
    kept.take(10)
    kept.take(5)
    kept.take(1, 9)

    assert kept.ranges == [(2, 4), (6, 8)]
    assert set(kept.gaps) == {1, 6}


@given(
    numbered=st.lists(
        st.builds(Numbered, st.integers(1, 6), st.sampled_from("abcd")), min_size=1, max_size=30
    ),
    size=st.integers(1, 9),
)
def test_a_number_is_its_first_events_and_every_other_one_is_named(
    numbered: list[Numbered], size: int
):
    owners: dict[int, str] = {}
    named: set[tuple[int, str, str | None]] = set()
    for start in range(0, len(numbered), size):
        fresh, wrong = own(numbered[start : start + size], owners)
        owners |= fresh
        named |= {(one.number, one.event, one.before) for one in wrong}

    first = {one.number: one.event for one in reversed(numbered)}
    others = {(one.number, one.event) for one in numbered if first[one.number] != one.event}
    assert owners == first
    assert named == {(number, event, first[number]) for number, event in others}


def test_an_event_under_two_numbers_is_named_with_both():
    fresh, wrong = own([Numbered(7, "a", first_no=3)], {3: "a"})

    assert (fresh, wrong) == ({7: "a"}, [Misnumbered("a", 7, first_no=3)])


def test_a_million_numbers_are_one_gap():
    kept = Kept(first_no=1)
    kept.take(10**15)

    assert kept.ranges == [(1, 10**15 - 1)]
