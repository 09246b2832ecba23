"""The composition root of schedule_monitor: the only file that knows every room."""

from typing import Final

from fastapi import FastAPI

from services.schedule_monitor.api import page, platforms
from services.schedule_monitor.api.deps import Rooms
from services.schedule_monitor.events import publishers
from services.schedule_monitor.settings import ScheduleMonitorSettings
from services.schedule_monitor.store.platforms import PLATFORMS, PlatformNotFound, PlatformStore
from shared.audit.anchors import heads_router
from shared.kernel import Kernel
from shared.messaging.subscribe import asyncapi_of
from shared.senders.api import SecretsDesk, secrets_router
from shared.senders.signing import SenderDoor
from shared.senders.store import SecretStore
from shared.web import create_app
from shared.wiring import Role, run_wired, start, wired

SERVICE: Final = "schedule_monitor"
TITLE: Final = "课程监测"


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
        platforms=PlatformStore(kernel.db, kernel.audit),
        sealer=kernel.sealer,
        door=SenderDoor(kernel.sealer, throttle=app.state.throttle),
    )
    app.state.secrets_desk = SecretsDesk(
        kind="platform",
        db=kernel.db,
        store=SecretStore(kernel.db, collection=PLATFORMS, absent=PlatformNotFound),
        sealer=kernel.sealer,
        audit=kernel.audit,
    )
    secrets = secrets_router("/v1/platforms", parameter="platform", absent=PlatformNotFound)
    for router in (page.router, platforms.router, secrets):
        app.include_router(router)
    return app


async def main(settings: ScheduleMonitorSettings, role: Role) -> None:
    """Run the service: its HTTP side, its relay, or both."""
    async with wired(settings, service=SERVICE, indexes={}) as wires:
        app = application(wires.kernel)
        await run_wired(wires, settings, role, app=app, loops=[])


if __name__ == "__main__":
    start(SERVICE, ScheduleMonitorSettings, main)
