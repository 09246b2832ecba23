"""What a route asks for before it runs."""

import inspect

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.access.enforcement import routes_of
from tests.support.apps import applications

pytestmark = pytest.mark.integration


def calls_of(dependant: Dependant):
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls_of(inner)


async def test_nothing_of_it_takes_a_thread_for_each_request(database, access):
    """FastAPI runs a plain function in a thread, which costs more than the rest of a request."""
    found = {
        call
        for app in (await applications(database, access)).values()
        for _, _, route in routes_of(app)
        if isinstance(route, APIRoute)
        for call in calls_of(route.dependant)
    }

    assert found
    plain = {call for call in found if not inspect.iscoroutinefunction(call)}
    assert {call.__qualname__ for call in plain if not inspect.isclass(call)} == set()
