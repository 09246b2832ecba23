"""The HTTP side of registry: its routes, in the order in which they are looked through."""

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI

from services.registry.api import history, institutions, licences_and_sites
from services.registry.desks import rooms_of
from services.registry.domain.stops import STOPS, Stop
from services.registry.events import publishers
from services.registry.events.subscribers import unapproved_site_router
from shared.audit.anchors import heads_router
from shared.calendar_years import calendar_router
from shared.kernel import Kernel
from shared.messaging.subscribe import asyncapi_of
from shared.web import create_app

SERVICE: Final = "registry"
TITLE: Final = "培训机构登记"


def application(kernel: Kernel, *, stops: Sequence[Stop] = STOPS) -> FastAPI:
    """Return the service's HTTP side."""
    routers = [
        publishers.router,
        unapproved_site_router(None, None, None),
        heads_router(SERVICE, None, None),
        calendar_router(SERVICE, None, None),
    ]
    app = create_app(kernel, title=TITLE, asyncapi=asyncapi_of(routers, title=TITLE, user=SERVICE))
    app.state.rooms = rooms_of(kernel, stops=stops)
    for resource in (institutions, licences_and_sites, history):
        app.include_router(resource.router)
    return app
