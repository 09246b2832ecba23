"""Which states follow which, and which of them may send."""

from itertools import product

import pytest

from services.fund_monitor.domain.banks.admission import NEXT, may_become, may_send

LAWFUL = {
    ("sandbox", "certified"),
    ("certified", "live"),
    ("live", "suspended"),
    ("suspended", "live"),
}


@pytest.mark.parametrize(("now", "then"), list(product(NEXT, NEXT)))
def test_a_bank_takes_one_step_at_a_time(now, then):
    assert may_become(now, then) == ((now, then) in LAWFUL)


@pytest.mark.parametrize(
    ("state", "in_the_city", "in_the_sandbox"),
    [
        ("sandbox", False, True),
        ("certified", False, True),
        ("live", True, True),
        ("suspended", False, False),
    ],
)
def test_the_city_hears_live_banks_and_the_sandbox_all_but_suspended(
    state, in_the_city, in_the_sandbox
):
    assert may_send(state, sandbox=False) == in_the_city
    assert may_send(state, sandbox=True) == in_the_sandbox
