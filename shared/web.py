"""The HTTP application every service starts from: problems, health, documents without Internet."""

from pathlib import Path
from typing import Any

import swagger_ui_bundle
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from shared import problem
from shared.alerts.api import alerts_router
from shared.alerts.store import AlertStore
from shared.audit.api import audit_router
from shared.audit.book import AuditBook
from shared.contracts.alerts import ALERT_CHANNELS
from shared.duties import api as duties
from shared.errors import Malformed
from shared.health import health_router
from shared.kernel import Kernel
from shared.notify.api import notifications_router
from shared.replay.api import dead_letters_router


def create_app(kernel: Kernel, *, title: str, asyncapi: dict[str, Any]) -> FastAPI:
    """Return an application with everything that is the same in every service."""
    app = FastAPI(
        title=title,
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        responses=problem.responses(Malformed),
    )
    app.state.verifier = kernel.verifier
    app.state.clock = kernel.clock
    problem.install(app)
    app.include_router(health_router(kernel.checks))
    _mount_alerts(app, kernel)
    app.include_router(duties.router)
    app.state.audit_book = AuditBook(kernel.db, service=kernel.service)
    app.include_router(audit_router(kernel.service))
    app.include_router(notifications_router(kernel))
    app.include_router(dead_letters_router(kernel))
    app.mount("/docs/assets", StaticFiles(directory=_assets()), name="docs-assets")

    app.state.asyncapi = asyncapi

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=title,
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/docs/assets/favicon-32x32.png",
        )

    @app.get("/asyncapi.json", include_in_schema=False)
    async def asyncapi_document() -> JSONResponse:
        return JSONResponse(asyncapi)

    return app


def _mount_alerts(app: FastAPI, kernel: Kernel) -> None:
    app.state.alerts = AlertStore(
        kernel.db, ALERT_CHANNELS[kernel.service], committed=kernel.committed
    )
    app.include_router(alerts_router(kernel.service))


def _assets() -> Path:
    return next(Path(swagger_ui_bundle.__file__).parent.glob("vendor/swagger-ui-*"))
