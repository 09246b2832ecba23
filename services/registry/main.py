"""The composition root of registry: the only file that knows every room."""

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI

from services.registry.api import history, institutions, licences_and_sites
from services.registry.api.deps import Rooms
from services.registry.domain.stops import STOPS, Stop, switched
from services.registry.events import publishers
from services.registry.settings import RegistrySettings
from services.registry.store.indexes import INDEXES
from services.registry.store.institutions import InstitutionStore
from services.registry.store.migrations.m0001_history_begins import begin_history
from shared.audit.anchors import heads_router
from shared.calendar_years import calendar_router
from shared.kernel import Kernel
from shared.messaging.subscribe import asyncapi_of
from shared.web import create_app
from shared.wiring import Role, run_wired, start, wired

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


async def main(settings: RegistrySettings, role: Role) -> None:
    """Run the service: its HTTP side, its relay, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        await begin_history(wires.kernel.db)
        app = application(wires.kernel, stops=switched(settings.stop_periods))
        await run_wired(wires, settings, role, app=app, loops=[])


if __name__ == "__main__":
    start(SERVICE, RegistrySettings, main)
