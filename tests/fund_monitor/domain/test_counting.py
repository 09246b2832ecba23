"""Each lesson once, whoever tells it: overlaps, confirmations of sessions, decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.fund_monitor.domain.lessons.counting import Counted, Struck, Telling, counted
from services.fund_monitor.domain.lessons.lessons import LESSON

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def held(name: str, start: int = 0, end: int = 45) -> Telling:
    return Telling(
        lesson=name,
        by="session",
        started_at=at(start),
        ended_at=at(end),
        consumed_at=at(end),
        lessons=LESSON,
    )


def confirmed(name: str, start: int = 0, end: int = 45, **more: object) -> Telling:
    told = replace(held(f"confirmation:{name}", start, end), by="confirmation")
    return replace(told, consumed_at=at(10_000), **more)


def names(found: list[Counted]) -> list[str]:
    return [one.telling.lesson for one in found]


class TestCounted:
    def test_two_senders_of_one_class_are_one_lesson(self):
        [one] = counted([held("b", 5, 50), held("a")])

        assert (one.telling.lesson, one.twice) == ("a", ["b"])

    def test_lessons_that_touch_are_two(self):
        assert names(counted([held("b", 45, 90), held("a")])) == ["a", "b"]

    def test_of_a_chain_as_many_count_as_can_have_been_one_after_another(self):
        found = counted([held("a"), held("b", 40, 85), held("c", 80, 125)])

        assert [(one.telling.lesson, one.twice) for one in found] == [("a", ["b"]), ("c", [])]

    def test_a_confirmation_that_names_the_session_is_the_same_lesson_whenever_it_says_it_was(self):
        found = counted([held("a"), confirmed("x", 500, 545, session="a")])

        assert [(one.telling.lesson, one.twice, one.otherwise) for one in found] == [("a", [], [])]

    def test_a_confirmation_of_a_session_that_was_told_twice_is_no_third_lesson(self):
        assert len(counted([held("a"), held("b", 5, 50), confirmed("x", session="b")])) == 1

    def test_a_confirmation_at_the_time_of_a_session_is_the_same_lesson(self):
        [one] = counted([confirmed("x", 30, 75), held("a")])

        assert (one.telling.lesson, one.twice) == ("a", [])

    def test_a_confirmation_that_says_another_number_of_lessons_is_named(self):
        [one] = counted([held("a"), confirmed("x", session="a", lessons=2 * LESSON)])

        assert (one.telling.lessons, one.otherwise) == (LESSON, ["confirmation:x"])

    def test_a_confirmation_counts_by_itself_where_no_session_is_told(self):
        [one] = counted([confirmed("x", session="unheard", lessons=50)])

        assert (one.telling.lessons, one.telling.consumed_at) == (50, at(10_000))
        assert not one.otherwise

    def test_a_confirmation_of_a_session_without_the_contract_counts_and_is_named(self):
        [one] = counted([confirmed("x", session="a")], absent_from={"a"})

        assert one.otherwise == ["confirmation:x"]

    def test_two_confirmations_of_one_time_are_one_lesson(self):
        [one] = counted([confirmed("x"), confirmed("y", 10, 55)])

        assert (one.telling.lesson, one.twice) == ("confirmation:x", ["confirmation:y"])

    def test_a_decision_strikes_whatever_tells_of_its_time(self):
        tellings = [held("a"), held("b", 45, 90), confirmed("x", 10, 40)]

        assert names(counted(tellings, struck=[Struck(at(0), at(45))])) == ["b"]


TELLINGS = st.lists(
    st.tuples(
        st.booleans(), st.integers(0, 300), st.integers(1, 90), st.none() | st.integers(0, 6)
    ),
    max_size=8,
)


@given(told=TELLINGS, data=st.data())
def test_whatever_the_order_the_same_lessons_count_and_none_overlap(told, data):
    some = [
        confirmed(str(n), start, start + long, session=None if of is None else f"s{of}")
        if confirming
        else held(f"s{n}", start, start + long)
        for n, (confirming, start, long, of) in enumerate(told)
    ]

    found = counted(some)

    assert counted(data.draw(st.permutations(some))) == found
    starts_and_ends = [(one.telling.started_at, one.telling.ended_at) for one in found]
    assert all(end <= start for (_, end), (start, _) in pairwise(starts_and_ends))
    # As many sessions as a brute force finds beside each other, and nothing told is lost.
    sessions = [one for one in some if one.by == "session"]
    assert sum(one.telling.by == "session" for one in found) == most_disjoint(sessions)


def most_disjoint(some: list[Telling]) -> int:
    """Return the size of the largest set of tellings of which no two overlap."""
    if not some:
        return 0
    first, *rest = some
    free = [
        one for one in rest if one.ended_at <= first.started_at or one.started_at >= first.ended_at
    ]
    return max(most_disjoint(rest), 1 + most_disjoint(free))
