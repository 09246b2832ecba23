"""The composition root of registry: the only file that knows every room."""

import asyncio
from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI

from services.registry.api import history, institutions, licences_and_sites
from services.registry.api.deps import Rooms
from services.registry.app.take_unapproved_sites import SiteDesk
from services.registry.domain.stops import STOPS, Stop, switched
from services.registry.events import publishers
from services.registry.events.subscribers import unapproved_site_router
from services.registry.settings import RegistrySettings
from services.registry.store.indexes import INDEXES
from services.registry.store.institutions import InstitutionStore
from services.registry.store.migrations.m0001_history_begins import begin_history
from services.registry.store.unapproved_sites import UnapprovedSiteStore
from shared.alerts.loops import alert_store
from shared.audit.anchors import heads_router
from shared.calendar_years import calendar_router
from shared.kernel import Kernel
from shared.messaging.subscribe import asyncapi_of, broker_of
from shared.process import Loop
from shared.web import create_app
from shared.wiring import Role, Wires, run_wired, start, wired

SERVICE: Final = "registry"
TITLE: Final = "培训机构登记"


def application(kernel: Kernel, *, stops: Sequence[Stop] = STOPS) -> FastAPI:
    """Return the service's HTTP side."""
    app = create_app(
        kernel,
        title=TITLE,
        asyncapi=asyncapi_of(
            [
                publishers.router,
                unapproved_site_router(None, None, None),
                heads_router(SERVICE, None, None),
                calendar_router(SERVICE, None, None),
            ],
            title=TITLE,
            user=SERVICE,
        ),
    )
    app.state.rooms = Rooms(
        institutions=InstitutionStore(kernel.db, kernel.audit),
        stops=tuple(stops),
        now=kernel.clock.now,
        committed=kernel.committed,
    )
    for resource in (institutions, licences_and_sites, history):
        app.include_router(resource.router)
    return app


def desk_of(kernel: Kernel) -> SiteDesk:
    """Return what sessions at unapproved places are taken with."""
    return SiteDesk(
        db=kernel.db,
        institutions=InstitutionStore(kernel.db, kernel.audit),
        told=UnapprovedSiteStore(kernel.db),
        alerts=alert_store(kernel),
    )


def worker_loops(wires: Wires, settings: RegistrySettings) -> list[Loop]:
    """Return what works beside the relay: hearing where sessions were held."""

    async def hearing() -> None:
        kernel = wires.kernel
        router = unapproved_site_router(desk_of(kernel), kernel.clock.now, wires.dead_letters)
        broker = broker_of(
            [router],
            url=settings.nats_url,
            user=SERVICE,
            seed_file=settings.nats_seed_file,
            tracer=kernel.sight.tracer,
        )
        async with broker:
            await broker.start()
            await asyncio.Event().wait()

    return [hearing]


async def main(settings: RegistrySettings, role: Role) -> None:
    """Run the service: its HTTP side, its relay, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        await begin_history(wires.kernel.db)
        app = application(wires.kernel, stops=switched(settings.stop_periods))
        loops = [] if role == "serve" else worker_loops(wires, settings)
        await run_wired(wires, settings, role, app=app, loops=loops)


if __name__ == "__main__":
    start(SERVICE, RegistrySettings, main)
