"""The unconsumed value where lessons are known: against a plain count of each day's end."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.fund_monitor.domain.lessons.consumption import (
    KnownContract,
    Moved,
    by_day,
    unconsumed_changes,
)
from services.fund_monitor.domain.lessons.contract_book import Terms
from services.fund_monitor.domain.lessons.lessons import LESSON

FIRST = date(2026, 3, 2)
# Ten lessons for a hundred yuan.
TERMS = Terms(10_000, 10 * LESSON)


def day(number: int) -> date:
    return FIRST + timedelta(number)


def a_contract(
    *moved: tuple[int, int], taught: tuple[int, ...] = (), known_from: int = 0
) -> KnownContract:
    """Return a contract; what moves out of it was released."""
    money = [Moved(day(on), fen, released=fen < 0) for on, fen in moved]
    lessons = {day(one): LESSON for one in taught}
    return KnownContract(TERMS, lessons, money, day(known_from))


class TestUnconsumedChanges:
    def test_a_lesson_consumes_before_its_release_and_the_release_no_more(self):
        contract = a_contract((0, 10_000), (4, -1_000), taught=(2,))

        assert unconsumed_changes(contract) == [(day(2), -1_000), (day(4), 1_000)]

    def test_a_release_without_a_lesson_consumes_nothing(self):
        contract = a_contract((0, 10_000), (4, -3_000), taught=(2,))

        assert unconsumed_changes(contract) == [(day(2), -1_000), (day(4), 3_000)]

    def test_what_was_released_before_lessons_were_known_stays_consumed(self):
        contract = a_contract((0, 10_000), (1, -3_000), (4, -1_000), taught=(3,), known_from=2)

        assert unconsumed_changes(contract) == [(day(3), -1_000), (day(4), 1_000)]

    def test_lessons_consume_no_more_than_was_paid(self):
        contract = a_contract((0, 1_500), taught=(1, 2, 3))

        assert unconsumed_changes(contract) == [(day(1), -1_000), (day(2), -500)]

    def test_money_that_names_no_contract_is_consumed_as_it_is_released(self):
        contract = a_contract((3, -1_000), (4, -2_000), taught=(1,))

        assert unconsumed_changes(contract) == [(day(4), 2_000)]


@given(
    moved=st.lists(
        st.tuples(st.integers(0, 9), st.integers(-4_000, 9_000).filter(bool)), max_size=8
    ),
    taught=st.sets(st.integers(0, 9), max_size=8),
    known_from=st.integers(0, 4),
)
def test_comes_to_a_plain_count_of_every_days_end(moved, taught, known_from):
    contract = a_contract(*moved, taught=tuple(taught), known_from=known_from)
    found = dict(by_day(unconsumed_changes(contract)))

    added = 0
    for number in range(10):
        added += found.get(day(number), 0)
        paid = sum(fen for on, fen in moved if on <= number and fen > 0)
        out = [(on, -fen) for on, fen in moved if on <= number and fen < 0]
        early = sum(fen for on, fen in out if on < known_from)
        since = sum(fen for on, fen in out if on >= known_from)
        worth = min(10_000, 1_000 * sum(one <= number for one in taught))
        consumed = early + min(worth, max(paid - early, since))
        assert (paid - early - since) + added == paid - consumed
