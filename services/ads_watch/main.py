"""The composition root of ads_watch: the only file that knows every room."""

from typing import Final

from fastapi import FastAPI

from services.ads_watch.api import page
from services.ads_watch.events import publishers
from services.ads_watch.settings import AdsWatchSettings
from shared.audit.anchors import heads_router
from shared.kernel import Kernel
from shared.messaging.subscribe import asyncapi_of
from shared.web import create_app
from shared.wiring import Role, run_wired, start, wired

SERVICE: Final = "ads_watch"
TITLE: Final = "广告监测"


def application(kernel: Kernel) -> FastAPI:
    """Return the service's HTTP side."""
    app = create_app(
        kernel,
        title=TITLE,
        asyncapi=asyncapi_of(
            [publishers.router, heads_router(SERVICE, None, None)], title=TITLE, user=SERVICE
        ),
    )
    app.include_router(page.router)
    return app


async def main(settings: AdsWatchSettings, role: Role) -> None:
    """Run the service: its HTTP side, its relay, or both."""
    async with wired(settings, service=SERVICE, indexes={}) as wires:
        app = application(wires.kernel)
        await run_wired(wires, settings, role, app=app, loops=[])


if __name__ == "__main__":
    start(SERVICE, AdsWatchSettings, main)
