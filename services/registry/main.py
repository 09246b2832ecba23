"""The composition root of registry: the only file that knows every room."""

from collections.abc import Callable
from typing import Final

from fastapi import FastAPI

from services.registry.api import institutions
from services.registry.api.deps import Rooms
from services.registry.events import publishers
from services.registry.settings import RegistrySettings
from services.registry.store.indexes import INDEXES
from services.registry.store.institutions import InstitutionStore
from shared.access import Verifier
from shared.clock import Clock
from shared.health import Check
from shared.messaging.subscribe import asyncapi_of
from shared.mongo import Database
from shared.web import create_app
from shared.wiring import Role, mount_alerts, run_wired, start, wired

SERVICE: Final = "registry"
TITLE: Final = "培训机构登记"


def application(
    db: Database,
    *,
    verifier: Verifier,
    clock: Clock,
    committed: Callable[[], None],
    checks: dict[str, Check],
) -> FastAPI:
    """Return the service's HTTP side."""
    app = create_app(
        title=TITLE,
        verifier=verifier,
        checks=checks,
        asyncapi=asyncapi_of([publishers.router], title=TITLE, user=SERVICE),
    )
    app.state.rooms = Rooms(institutions=InstitutionStore(db), now=clock.now, committed=committed)
    app.include_router(institutions.router)
    mount_alerts(app, db, service=SERVICE, clock=clock, committed=committed)
    return app


async def main(settings: RegistrySettings, role: Role) -> None:
    """Run the service: its HTTP side, its relay, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        app = application(
            wires.db,
            verifier=wires.verifier,
            clock=wires.clock,
            committed=wires.relay.wake,
            checks=wires.checks,
        )
        await run_wired(wires, settings, role, app=app, loops=[])


if __name__ == "__main__":
    start(SERVICE, RegistrySettings, main)
