"""Lines and reports of one account: what agrees, what differs, and that order says nothing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fund_monitor.domain.statements.reconciliation import (
    MOST_SUMMED,
    Match,
    Reported,
    Stated,
    reconcile,
)

DAY = date(2026, 3, 2)
NEXT = DAY + timedelta(days=1)


def stated(serial_no, fen, *, key=None, day=DAY):
    return Stated(key or f"line-{serial_no}-{day}", serial_no, fen, day)


def reported(serial_no, fen, *, key=None, day=DAY):
    return Reported(key or f"event-{serial_no}-{day}", serial_no, fen, day)


def kinds(outcome):
    return [one.kind for one in outcome.differences]


class TestWhatAgrees:
    def test_a_serial_number_and_an_amount_are_one_to_one(self):
        outcome = reconcile([stated("S1", 100)], [reported("S1", 100)], day=DAY)

        assert outcome.matches == (Match((f"line-S1-{DAY}",), (f"event-S1-{DAY}",)),)
        assert outcome.differences == ()

    def test_an_amount_alone_is_enough_when_serial_numbers_are_others(self):
        outcome = reconcile([stated("B7", -100)], [reported("S1", -100)], day=DAY)

        assert len(outcome.matches) == 1
        assert outcome.differences == ()

    def test_one_line_is_the_sum_of_several_reports(self):
        events = [reported("S1", 100), reported("S2", 250), reported("S3", 999)]

        outcome = reconcile([stated("B1", 350)], events, day=DAY)

        assert [len(one.events) for one in outcome.matches] == [2]
        assert kinds(outcome) == ["report_only"]

    def test_several_lines_are_one_report(self):
        outcome = reconcile([stated("B1", 100), stated("B2", 50)], [reported("S", 150)], day=DAY)

        assert [len(one.lines) for one in outcome.matches] == [2]
        assert outcome.differences == ()

    def test_money_in_and_money_out_are_never_summed(self):
        events = [reported("S1", 500), reported("S2", -100)]

        outcome = reconcile([stated("B1", 400)], events, day=DAY)

        assert outcome.matches == ()

    def test_says_when_too_much_is_left_over_to_look_for_sums(self):
        lines = [stated(f"B{n}", 1_000 + n) for n in range(MOST_SUMMED + 1)]
        events = [reported("S1", 7)]

        assert reconcile(lines, events, day=DAY).untried
        assert not reconcile(lines[1:], events, day=DAY).untried


class TestWhatDiffers:
    @pytest.mark.parametrize(
        ("lines", "events", "kind"),
        [
            pytest.param([stated("S1", 100)], [], "statement_only", id="not reported"),
            pytest.param([], [reported("S1", 100)], "report_only", id="not in the statement"),
            pytest.param(
                [stated("S1", 100)], [reported("S1", 101)], "amount_differs", id="one fen more"
            ),
            pytest.param(
                [stated("S1", 100)], [reported("S1", -100)], "direction_differs", id="other way"
            ),
            pytest.param(
                [stated("S1", 100)], [reported("S1", 100, day=NEXT)], "day_differs", id="other day"
            ),
        ],
    )
    def test_is_named(self, lines, events, kind):
        outcome = reconcile(lines, events, day=DAY)

        assert kinds(outcome) == [kind]
        assert outcome.matches == ()

    def test_a_line_of_the_same_money_a_second_time_is_a_duplicate(self):
        lines = [stated("S1", 100, key="1"), stated("S1", 100, key="2")]

        outcome = reconcile(lines, [reported("S1", 100)], day=DAY)

        assert kinds(outcome) == ["duplicated"]
        assert len(outcome.matches) == 1

    def test_a_report_of_the_same_money_a_second_time_is_a_duplicate(self):
        events = [reported("S1", 100, key="1"), reported("S1", 100, key="2")]

        assert kinds(reconcile([stated("S1", 100)], events, day=DAY)) == ["duplicated"]

    def test_another_day_is_told_on_the_day_of_its_line_only(self):
        lines, events = [stated("S1", 100)], [reported("S1", 100, day=NEXT)]

        assert kinds(reconcile(lines, events, day=NEXT)) == []

    def test_a_serial_number_that_begins_anew_each_day_is_no_other_day(self):
        lines = [stated("S1", 100), stated("S1", 100, day=NEXT)]
        events = [reported("S1", 100, day=NEXT)]

        assert kinds(reconcile(lines, events, day=DAY)) == ["statement_only"]
        assert kinds(reconcile(lines, events, day=NEXT)) == []


amounts = st.integers(-6, 6).filter(bool)
serials = st.sampled_from(["S1", "S2", "S3", "S4"])
days = st.sampled_from([DAY, NEXT])
items = st.lists(st.tuples(serials, amounts, days), max_size=7)


@given(lines=items, events=items, shuffled=st.randoms(use_true_random=False))
def test_order_says_nothing_and_everything_is_in_one_place(lines, events, shuffled):
    ours = [stated(s, f, key=f"l{n}", day=d) for n, (s, f, d) in enumerate(lines)]
    theirs = [reported(s, f, key=f"e{n}", day=d) for n, (s, f, d) in enumerate(events)]
    outcome = reconcile(ours, theirs, day=DAY)
    again = (shuffled.sample(ours, len(ours)), shuffled.sample(theirs, len(theirs)))

    assert reconcile(*again, day=DAY) == outcome

    placed = [key for one in outcome.matches for key in one.lines]
    placed += [one.line for one in outcome.differences if one.line is not None]
    assert sorted(placed) == sorted(one.key for one in ours if one.day == DAY)
    named = [key for one in outcome.matches for key in one.events]
    named += [one.event for one in outcome.differences if one.event is not None]
    assert len(named) == len(set(named))
    # A report of this day may be told with a line of the next day instead, and only there.
    apart = [
        one.event
        for one in reconcile(ours, theirs, day=NEXT).differences
        if one.kind == "day_differs"
    ]
    assert {one.key for one in theirs if one.day == DAY} <= {*named, *apart}


@given(lines=items, events=items)
def test_what_is_matched_sums_to_the_same(lines, events):
    ours = {f"l{n}": stated(s, f, key=f"l{n}") for n, (s, f, _) in enumerate(lines)}
    theirs = {f"e{n}": reported(s, f, key=f"e{n}") for n, (s, f, _) in enumerate(events)}

    for match in reconcile(ours.values(), theirs.values(), day=DAY).matches:
        told = sum(ours[key].fen for key in match.lines)
        assert told == sum(theirs[key].fen for key in match.events)
