"""The HTTP application every service starts from: problems, health, documents without Internet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import swagger_ui_bundle
from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from shared import problem
from shared.access import api as access_api
from shared.access.document import document_access
from shared.access.enforcement import enforce
from shared.access.fields import VisibleFields
from shared.access.revocation import Revocations
from shared.access.table import rows_of
from shared.access.throttle import Throttle
from shared.alerts.api import alerts_router
from shared.alerts.desk import AlertDesk
from shared.alerts.loops import alert_store
from shared.asyncapi_page import POLICY, page_of
from shared.audit.api import audit_router
from shared.audit.book import AuditBook
from shared.bodies import BoundedBodies
from shared.duties import api as duties
from shared.errors import Malformed
from shared.health import health_router
from shared.kernel import Kernel
from shared.notify.api import notifications_router
from shared.replay.api import dead_letters_router
from shared.spreadsheets.uploads import uploads_in_hand
from shared.telemetry.page import Page, metrics_router

# The page starts by a script of its own text, and draws icons from data.
_SWAGGER_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_app(
    kernel: Kernel, *, title: str, asyncapi: dict[str, Any], first: Sequence[APIRouter] = ()
) -> FastAPI:
    """Return an application with everything that is the same in every service.

    ``first`` are routers that most requests are for: a request is held against router after router.
    """
    app = FastAPI(
        title=title,
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        responses=problem.responses(Malformed),
        dependencies=[Depends(enforce)],
    )
    app.state.verifier = kernel.verifier
    app.state.clock = kernel.clock
    app.state.trusted_proxies = kernel.trusted_proxies
    app.state.uploads = uploads_in_hand(kernel.bounds)
    for router in first:
        app.include_router(router)
    _mount_access(app, kernel)
    problem.install(app)
    app.add_middleware(BoundedBodies)
    app.include_router(health_router(kernel.checks))
    app.state.figures = Page(kernel.sight)
    app.include_router(metrics_router(app.state.figures.text))
    _mount_alerts(app, kernel)
    app.include_router(duties.router)
    app.state.audit_book = AuditBook(kernel.db, service=kernel.service)
    app.include_router(audit_router(kernel.service))
    app.include_router(notifications_router(kernel))
    app.include_router(dead_letters_router(kernel))
    _mount_documents(app, title=title, asyncapi=asyncapi)
    return app


def _mount_documents(app: FastAPI, *, title: str, asyncapi: dict[str, Any]) -> None:
    """Serve what the service says of itself; a browser is told to fetch nothing from elsewhere."""
    app.mount("/docs/assets", StaticFiles(directory=_assets()), name="docs-assets")
    app.state.asyncapi = asyncapi
    page = page_of(asyncapi)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        answer = get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=title,
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/docs/assets/favicon-32x32.png",
            # Away from localhost the page would send its address to a validator on the Internet.
            swagger_ui_parameters={"validatorUrl": None},
        )
        answer.headers["Content-Security-Policy"] = _SWAGGER_POLICY
        return answer

    @app.get("/docs/asyncapi", include_in_schema=False)
    async def asyncapi_docs() -> HTMLResponse:
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})

    @app.get("/asyncapi.json", include_in_schema=False)
    async def asyncapi_document() -> JSONResponse:
        return JSONResponse(asyncapi)


def _mount_access(app: FastAPI, kernel: Kernel) -> None:
    app.state.db = kernel.db
    app.state.audit = kernel.audit
    app.state.access_rows = rows_of(kernel.service)
    app.state.throttle = Throttle(kernel.rates)
    app.state.revocations = Revocations(kernel.db)
    app.add_middleware(VisibleFields)
    app.include_router(access_api.router)
    document_access(app, kernel.service)


def _mount_alerts(app: FastAPI, kernel: Kernel) -> None:
    app.state.alerts = alert_store(kernel)
    app.state.alert_desk = AlertDesk(app.state.alerts, kernel.audit)
    app.include_router(alerts_router(kernel.service))


def _assets() -> Path:
    return next(Path(swagger_ui_bundle.__file__).parent.glob("vendor/swagger-ui-*"))
