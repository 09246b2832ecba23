"""Every answer a bank may be given has a number, and no number is used twice."""

import re
from collections import Counter
from sys import modules

import pytest
from fastapi.routing import APIRoute

from deploy.bank_interface.errors import NUMBERED
from deploy.contracts import applications
from services.fund_monitor.app.banks.take_in import IDENTITY_CONFLICT
from shared.access.enforcement import routes_of
from shared.errors import Refusal, TooManyRequests
from shared.problem import PLAIN_TITLES
from shared.senders.lockout import LockedOut

NUMBERED_CODES = {one.problem.type.removeprefix("urn:haining:problem:") for one in NUMBERED}


def _modules_of_bank_routes() -> set[str]:
    found = routes_of(applications()["fund_monitor"])
    return {
        route.endpoint.__module__
        for _, path, route in found
        if isinstance(route, APIRoute) and path.startswith("/v1/banks")
    }


def _refusals_named_in(module: str) -> set[type[Refusal]]:
    """Return the refusals a module names: what a route declares it answers has to be imported."""
    return {
        thing
        for thing in vars(modules[module]).values()
        if isinstance(thing, type) and issubclass(thing, Refusal) and hasattr(thing, "code")
    }


def test_every_refusal_of_a_bank_route_has_a_number():
    found = _modules_of_bank_routes()
    named = {module: {one.code for one in _refusals_named_in(module)} for module in found}

    assert {"services.fund_monitor.api.banks.door", "shared.senders.api"} <= found
    assert all(named.values())
    assert {module: codes - NUMBERED_CODES for module, codes in named.items()} == {
        module: set() for module in found
    }


def test_what_is_answered_before_any_route_has_a_number():
    plain = {code for code, _ in PLAIN_TITLES.values()}

    assert {*plain, TooManyRequests.code, LockedOut.code, "about:blank"} <= NUMBERED_CODES
    assert IDENTITY_CONFLICT in [one.problem for one in NUMBERED]


@pytest.mark.parametrize("what", ["number", "type"])
def test_nothing_is_used_twice(what):
    found = Counter(one.number if what == "number" else one.problem.type for one in NUMBERED)

    assert [name for name, count in found.items() if count > 1] == []


def test_numbers_have_one_form():
    assert all(re.fullmatch(r"E1\d{3}", one.number) for one in NUMBERED)
