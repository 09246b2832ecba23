"""The composition root of ads_watch: the only file that knows every room."""

from typing import Final

from fastapi import FastAPI

from services.ads_watch.api import checks, leads, sightings
from services.ads_watch.app.desk import Desk
from services.ads_watch.events import publishers
from services.ads_watch.events.answers import answers_loop, answers_router
from services.ads_watch.settings import AdsWatchSettings
from services.ads_watch.store.indexes import INDEXES
from services.ads_watch.store.leads import LeadStore
from services.ads_watch.store.sightings import SightingStore
from shared.alerts.loops import alert_store
from shared.audit.anchors import heads_router
from shared.calendar_years import calendar_router
from shared.kernel import Kernel
from shared.messaging.intake import IntakeLoop
from shared.messaging.subscribe import asyncapi_of
from shared.web import create_app
from shared.wiring import Role, Wires, run_wired, start, wired

SERVICE: Final = "ads_watch"
TITLE: Final = "广告监测"


def desk_of(kernel: Kernel) -> Desk:
    """Return what the use cases stand on."""
    return Desk(
        db=kernel.db,
        sightings=SightingStore(kernel.db),
        leads=LeadStore(kernel.db),
        alerts=alert_store(kernel),
        audit=kernel.audit,
        now=kernel.clock.now,
        committed=kernel.committed,
    )


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


def answering(wires: Wires) -> IntakeLoop:
    """Return what reads the departments' answers; the service is not ready while it cannot."""
    loop = answers_loop(
        wires.js,
        desk=desk_of(wires.kernel),
        dead_letters=wires.dead_letters,
        tracer=wires.kernel.sight.tracer,
    )

    async def answers_reach_the_store() -> None:
        if loop.out_of_reach is not None:
            raise TimeoutError(loop.out_of_reach)

    wires.kernel.checks["answers"] = answers_reach_the_store
    return loop


async def main(settings: AdsWatchSettings, role: Role) -> None:
    """Run the service: its HTTP side, its relay, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        loops = [] if role == "serve" else [answering(wires).run]
        app = application(wires.kernel)
        await run_wired(wires, settings, role, app=app, loops=loops)


if __name__ == "__main__":
    start(SERVICE, AdsWatchSettings, main)
