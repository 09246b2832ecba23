"""The composition root of schedule_monitor: the only file that knows every room."""

from collections.abc import Callable
from typing import Final

from fastapi import FastAPI

from services.schedule_monitor.api import page
from services.schedule_monitor.events import publishers
from services.schedule_monitor.settings import ScheduleMonitorSettings
from shared.access import Verifier
from shared.clock import Clock
from shared.health import Check
from shared.messaging.subscribe import asyncapi_of
from shared.mongo import Database
from shared.web import create_app
from shared.wiring import Role, mount_alerts, run_wired, start, wired

SERVICE: Final = "schedule_monitor"
TITLE: Final = "课程监测"


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
    app.include_router(page.router)
    mount_alerts(app, db, service=SERVICE, clock=clock, committed=committed)
    return app


async def main(settings: ScheduleMonitorSettings, role: Role) -> None:
    """Run the service: its HTTP side, its relay, or both."""
    async with wired(settings, service=SERVICE, indexes={}) as wires:
        app = application(
            wires.db,
            verifier=wires.verifier,
            clock=wires.clock,
            committed=wires.relay.wake,
            checks=wires.checks,
        )
        await run_wired(wires, settings, role, app=app, loops=[])


if __name__ == "__main__":
    start(SERVICE, ScheduleMonitorSettings, main)
