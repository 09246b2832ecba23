"""The HTTP side of ads_watch: its routes, in the order in which they are looked through."""

from typing import Final

from fastapi import FastAPI

from services.ads_watch.api import checks, leads, sightings
from services.ads_watch.desks import desk_of
from services.ads_watch.events import publishers
from services.ads_watch.events.answers import answers_router
from shared.audit.anchors import heads_router
from shared.calendar_years import calendar_router
from shared.kernel import Kernel
from shared.messaging.subscribe import asyncapi_of
from shared.web import create_app

SERVICE: Final = "ads_watch"
TITLE: Final = "广告监测"


def application(kernel: Kernel) -> FastAPI:
    """Return the service's HTTP side."""
    routers = [
        publishers.router,
        answers_router(),
        heads_router(SERVICE, None, None),
        calendar_router(SERVICE, None, None),
    ]
    app = create_app(kernel, title=TITLE, asyncapi=asyncapi_of(routers, title=TITLE, user=SERVICE))
    app.state.desk = desk_of(kernel)
    for router in (checks.router, sightings.router, leads.router):
        app.include_router(router)
    return app
