"""The chain of a bank's balances, against a search through every order of each moment."""

import random
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fund_monitor.domain.banks.feed_chain import (
    Carried,
    Movement,
    ToldBalance,
    balances_differ,
    chain,
)

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def moved(event: str, fen: int, after: int | None, *, minute: int = 0, number: int | None = None):
    return Movement(event, at(minute), fen, after, number)


def broken(movements, carried: Carried | None = None):
    found, _ = chain(carried or Carried(), movements)
    return [(one.line, one.event, one.stated_fen, one.reported_fen) for one in found]


def told(serial: int) -> list[Movement]:
    """Return a day without fault; some of it in one moment."""
    balance, day = 0, []
    for place, fen in enumerate((100, 50, -30, 70, -90)):
        balance += fen
        day.append(moved(f"{serial}-{place}", fen, balance, minute=place // 2))
    return day


class TestChain:
    def test_follows_whatever_order_one_moment_came_in(self):
        for day in permutations(told(1)):
            assert broken(day) == []

    def test_names_both_events_and_both_figures(self):
        day = [moved("a", 100, 100), moved("b", 50, 160, minute=1), moved("c", 1, 161, minute=2)]

        assert broken(day) == [("a", "b", 160, 150)]

    def test_goes_on_over_events_that_tell_no_balance(self):
        day = [moved("a", 100, 100), moved("b", 50, None, minute=1), moved("c", 1, 151, minute=2)]

        assert broken(day) == []
        assert broken([day[0], day[2]]) == [("a", "c", 151, 101)]

    def test_begins_where_the_day_before_ended(self):
        carried = Carried(500, "yesterday", at(-600))

        assert broken([moved("a", 100, 600)], carried) == []
        assert broken([moved("a", 100, 100)], carried) == [("yesterday", "a", 100, 600)]

    def test_takes_the_banks_numbers_for_its_order_where_all_have_one(self):
        late = [
            moved("first", 100, 100, minute=5, number=1),
            moved("second", 50, 150, minute=1, number=2),
        ]

        assert broken(late) == []
        assert broken([Movement(m.event, m.at, m.fen, m.after_fen) for m in late]) != []


step = st.tuples(st.sampled_from([1, 2, -1, -2]), st.integers(0, 3), st.integers(0, 2))


@given(steps=st.lists(step, max_size=7), carried=st.sampled_from([None, 0, 1]))
def test_equals_a_search_through_every_order(
    steps: list[tuple[int, int, int]], carried: int | None
):
    day = [
        moved(f"e{place}", fen, after, minute=minute)
        for place, (fen, after, minute) in enumerate(steps)
    ]

    begins = Carried() if carried is None else Carried(carried, "before", at(-1))

    assert broken(day, begins) == searched(day, carried)


def searched(day: list[Movement], expected: int | None):
    """Return the breaks by trying every order of each moment: the definition, word by word."""
    last = None if expected is None else "before"
    found = []
    ordered = sorted(day, key=lambda one: (one.at, one.event))
    for _, group in groupby(ordered, key=lambda one: one.at):
        together = list(group)
        total = sum(one.fen for one in together)
        begins = {
            order[0].before_fen
            for order in permutations(together)
            if all(b.before_fen == a.after_fen for a, b in pairwise(order))
        }
        begin = expected if expected in begins else min(begins, default=None)
        if expected is not None and begin != expected:
            if begin is None:
                wrong = max(together, key=lambda one: one.event)
                found.append((last, wrong.event, wrong.after_fen, expected + total))
            else:
                wrong = min((o for o in together if o.before_fen == begin), key=lambda o: o.event)
                found.append((last, wrong.event, wrong.after_fen, expected + wrong.fen))
        end = max(together, key=lambda o: o.event).after_fen if begin is None else begin + total
        last = min(one.event for one in together if one.after_fen == end)
        expected = end
    return found


def test_any_order_of_arrival_gives_the_same_breaks():
    day = [*told(1), moved("x", 5, 7, minute=9), moved("y", 5, 7, minute=9)]
    expected = broken(day)
    order = random.Random(7)  # noqa: S311 - a shuffle, not a secret

    for _ in range(20):
        order.shuffle(day)
        assert broken(day) == expected != []


class TestToldBalances:
    @pytest.mark.parametrize(
        ("minute", "fen", "ours"),
        [
            pytest.param(1, 1_100, None, id="after the first"),
            pytest.param(2, 1_100, None, id="in the moment of the second, without it"),
            pytest.param(2, 1_080, None, id="in that moment, with it"),
            pytest.param(2, 1_090, 1_080, id="neither"),
            pytest.param(9, 1_081, 1_080, id="one fen too much at the end"),
            pytest.param(-1, 1_000, None, id="before everything"),
        ],
    )
    def test_are_held_against_ours_of_that_moment(self, minute, fen, ours):
        day = [moved("a", 100, None), moved("b", -20, None, minute=2)]

        found = balances_differ(1_000, day, [ToldBalance("told", at(minute), fen)])

        assert [(one.event, one.stated_fen, one.reported_fen) for one in found] == (
            [] if ours is None else [("told", fen, ours)]
        )

    def test_are_each_held_for_itself(self):
        day = [moved("a", 100, None)]
        told_twice = [
            ToldBalance(f"t{m}-{fen}", at(m), fen) for m, fen in product((1, 2), (100, 1))
        ]

        found = balances_differ(0, day, told_twice)

        assert [one.event for one in found] == ["t1-1", "t2-1"]
