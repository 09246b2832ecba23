"""The composition root of registry: the only file that knows every room."""

from typing import Final

from fastapi import FastAPI

from services.registry.api import institutions
from services.registry.api.deps import Rooms
from services.registry.events import publishers
from services.registry.settings import RegistrySettings
from services.registry.store.indexes import INDEXES
from services.registry.store.institutions import InstitutionStore
from shared.audit.anchors import heads_router
from shared.kernel import Kernel
from shared.messaging.subscribe import asyncapi_of
from shared.web import create_app
from shared.wiring import Role, run_wired, start, wired

SERVICE: Final = "registry"
TITLE: Final = "培训机构登记"


def application(kernel: Kernel) -> FastAPI:
    """Return the service's HTTP side."""
    app = create_app(
        kernel,
        title=TITLE,
        asyncapi=asyncapi_of(
            [publishers.router, heads_router(SERVICE, None, None)], title=TITLE, user=SERVICE
        ),
    )
    app.state.rooms = Rooms(
        institutions=InstitutionStore(kernel.db, kernel.audit),
        now=kernel.clock.now,
        committed=kernel.committed,
    )
    app.include_router(institutions.router)
    return app


async def main(settings: RegistrySettings, role: Role) -> None:
    """Run the service: its HTTP side, its relay, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        app = application(wires.kernel)
        await run_wired(wires, settings, role, app=app, loops=[])


if __name__ == "__main__":
    start(SERVICE, RegistrySettings, main)
