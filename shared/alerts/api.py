"""The alert inbox over HTTP, the same in every service.

The application's state gives ``alerts`` (an ``AlertStore``), ``alert_desk`` (an ``AlertDesk``) and
``clock``.
"""

import asyncio
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from shared import problem
from shared.alerts.acting import acting_router
from shared.alerts.callers import EVERYWHERE, ActorDep, ClockDep, StoreDep
from shared.alerts.inbox import Inbox
from shared.alerts.model import Level, State
from shared.alerts.own_alerts import own_alerts_router
from shared.alerts.spreadsheet import MOST_ROWS, workbook
from shared.alerts.store import AlertNotFound
from shared.alerts.views import AlertPage, AlertSummary, AlertView, view_of
from shared.city_time import city_date
from shared.duties.departments import is_known
from shared.errors import Forbidden, Malformed
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after
from shared.spreadsheets.writing import MEDIA_TYPE


async def _filtered(  # noqa: PLR0913 - the filters of a list are its query parameters
    actor: ActorDep,
    clock: ClockDep,
    *,
    department: Annotated[str | None, Query(description="By default one's own.")] = None,
    state: State | None = None,
    level: Level | None = None,
    overdue: Annotated[bool | None, Query(description="Clocks that passed still wait.")] = None,
    snoozed: Annotated[bool | None, Query(description="Put off by the department.")] = None,
) -> Inbox:
    if department is not None and not is_known(department):
        raise Malformed("没有这个部门代码")
    if actor.department is not None and department not in (actor.department, None):
        raise Forbidden("只能查看送达本部门的预警")
    return Inbox(
        department=actor.department or department,
        state=state,
        level=level,
        overdue=overdue,
        snoozed=snoozed,
        now=clock.now(),
    )


FilteredDep = Annotated[Inbox, Depends(_filtered)]


async def _asked(
    filtered: FilteredDep,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> Inbox:
    return replace(filtered, before=before_of(cursor), limit=limit)


def alerts_router(service: str) -> APIRouter:
    """Return the routes of a service's alerts."""
    router = APIRouter(tags=["alerts"])
    router.include_router(_reading_router(service))
    router.include_router(acting_router(service))
    router.include_router(own_alerts_router(service))
    return router


def _reading_router(service: str) -> APIRouter:
    router = APIRouter(prefix="/v1/alerts")

    @router.get("", responses=problem.responses(*EVERYWHERE))
    async def list_alerts(asked: Annotated[Inbox, Depends(_asked)], alerts: StoreDep) -> AlertPage:
        """List the alerts delivered to one's department, newest first; administrators see all."""
        page = await alerts.inbox(asked)
        return AlertPage(
            alerts=[
                view_of(alert, service=service, reckoning=alerts.reckoning, in_list=True)
                for alert in page
            ],
            next_cursor=cursor_after([alert.id for alert in page], limit=asked.limit),
        )

    @router.get("/summary", responses=problem.responses(*EVERYWHERE))
    async def summarize_alerts(_: ActorDep, alerts: StoreDep) -> AlertSummary:
        """Count the alerts that stand, per department and level; superseded ones do not stand."""
        return AlertSummary(alerts=await alerts.summary())

    @router.get(
        "/export.xlsx",
        response_class=Response,
        responses={
            200: {"content": {MEDIA_TYPE: {}}, "description": "The inbox as a workbook."},
            **problem.responses(*EVERYWHERE),
        },
    )
    async def export_alerts(filtered: FilteredDep, alerts: StoreDep, clock: ClockDep) -> Response:
        """Return the inbox as a workbook, the newest 5,000 alerts at most."""
        found = await alerts.inbox(replace(filtered, limit=MOST_ROWS + 1))
        content = await asyncio.to_thread(
            workbook,
            found[:MOST_ROWS],
            reckoning=alerts.reckoning,
            truncated=len(found) > MOST_ROWS,
        )
        name = f"alerts-{filtered.department or 'all'}-{city_date(clock.now()):%Y%m%d}.xlsx"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=MEDIA_TYPE, headers=headers)

    @router.get("/{alert_id}", responses=problem.responses(*EVERYWHERE, AlertNotFound))
    async def read_alert(alert_id: UUID, actor: ActorDep, alerts: StoreDep) -> AlertView:
        """Return one alert with its findings, deliveries, disposals and history."""
        alert = await alerts.seen_by(str(alert_id), by=actor)
        return view_of(alert, service=service, reckoning=alerts.reckoning)

    return router
