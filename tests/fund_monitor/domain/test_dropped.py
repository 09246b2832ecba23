"""Names of dropped files, the numbers that are missing, and the numbers of refusals."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.bank_interface.errors import NUMBERED
from services.fund_monitor.domain.banks.dropped import (
    MOST_MISSING_TOLD,
    NUMBERS,
    DroppedName,
    Numbering,
    answerable,
    dropped_name,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("events-20260228-000001.jsonl", "events"),
        ("statement-20260228-000001.csv", "statement"),
        ("statement-20260228-000001.xlsx", "statement"),
    ],
)
def test_a_name_says_kind_day_and_number(name, kind):
    assert dropped_name(name) == DroppedName(name, kind, date(2026, 2, 28), 1)


@pytest.mark.parametrize(
    "name",
    [
        "events-20260229-000001.jsonl",
        "events-20260228-000000.jsonl",
        "events-20260228-1.jsonl",
        "events-20260228-000001.csv",
        "statement-20260228-000001.jsonl",
        "events-20260228-000001.jsonl\n",
        "events-２０260228-000001.jsonl",
        "../events-20260228-000001.jsonl",
        "",
    ],
)
def test_other_names_say_nothing(name):
    assert dropped_name(name) is None


@pytest.mark.parametrize("name", ["../x", ".x", "a/b", "", "一", "x" * 129, "a\n"])
def test_what_could_lead_elsewhere_is_not_answered(name):
    assert not answerable(name)


@given(
    st.permutations(list(range(1, 40))).flatmap(lambda p: st.tuples(st.just(p), st.integers(0, 39)))
)
def test_what_is_missing_is_what_has_not_come(drawn):
    numbers, count = drawn
    taken = numbers[:count]

    numbering = Numbering()
    for number in taken:
        numbering = numbering.taking(number)

    missing = sorted(set(range(1, max(taken, default=0) + 1)) - set(taken))
    assert numbering.missing == len(missing)
    assert numbering.first_missing() == missing[:MOST_MISSING_TOLD]


def test_a_number_far_ahead_costs_nothing():
    numbering = Numbering().taking(999_999)

    assert (numbering.missing, numbering.gaps) == (999_998, ((1, 999_998),))


def test_the_numbers_of_refusals_are_those_of_the_interface():
    listed = {one.problem.type.rpartition(":")[2]: one.number for one in NUMBERED}

    assert {code: listed[code] for code in NUMBERS} == NUMBERS
