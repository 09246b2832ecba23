"""The alert inbox over HTTP, the same in every service.

The application's state gives ``alerts`` (an ``AlertStore``) and ``clock``.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.alerts.judgement import AlertAlreadyDisposed, AlertSuperseded, NotTheLead
from shared.alerts.model import Actor, Alert, Level, Outcome, State
from shared.alerts.store import AlertNotFound, AlertStore, Inbox
from shared.alerts.views import AlertPage, AlertSummary, AlertView, view_of
from shared.clock import Clock
from shared.duties.departments import is_known
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable

_EVERYWHERE = (Unauthenticated, Forbidden, Malformed, Unavailable)
_MOST_PER_PAGE = 200


class Acknowledgement(BaseModel):
    """A department has seen the alert."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=500)] | None = None
    version: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        default=None, description="The version that was seen; 409 when the alert is past it."
    )


class DisposalRequest(BaseModel):
    """The lead ends the alert, with its outcome and why."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    version: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        default=None, description="The version that was seen; 409 when the alert is past it."
    )


def _store(request: Request) -> AlertStore:
    store: AlertStore = request.app.state.alerts
    return store


def _clock(request: Request) -> Clock:
    clock: Clock = request.app.state.clock
    return clock


def _actor(caller: CallerDep) -> Actor:
    """Return who asks: staff of a department or town, or an administrator."""
    return Actor(caller.subject, None if caller.role == "admin" else _office_of(caller))


def _office_of(caller: Caller) -> str:
    office = caller.office
    if office is None or not is_known(office):
        raise Forbidden("令牌中没有所在部门或镇（街道）")
    return office


ActorDep = Annotated[Actor, Depends(_actor)]
StoreDep = Annotated[AlertStore, Depends(_store)]
ClockDep = Annotated[Clock, Depends(_clock)]


def _asked(
    actor: ActorDep,
    department: Annotated[str | None, Query(description="By default one's own.")] = None,
    state: State | None = None,
    level: Level | None = None,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_PER_PAGE)] = 50,
) -> Inbox:
    if department is not None and not is_known(department):
        raise Malformed("没有这个部门代码")
    if actor.department is not None and department not in (actor.department, None):
        raise Forbidden("只能查看送达本部门的预警")
    return Inbox(
        department=actor.department or department,
        state=state,
        level=level,
        before=None if cursor is None else _id_of(cursor),
        limit=limit,
    )


def alerts_router(service: str) -> APIRouter:
    """Return the routes of a service's alerts."""
    router = APIRouter(prefix="/v1/alerts", tags=["alerts"])

    def shown(alert: Alert) -> AlertView:
        return view_of(alert, service=service)

    @router.get("", responses=problem.responses(*_EVERYWHERE))
    async def list_alerts(asked: Annotated[Inbox, Depends(_asked)], alerts: StoreDep) -> AlertPage:
        """List the alerts delivered to one's department, newest first; administrators see all."""
        page = await alerts.inbox(asked)
        return AlertPage(
            alerts=[view_of(alert, service=service, in_list=True) for alert in page],
            next_cursor=_cursor_of(page[-1]) if len(page) == asked.limit else None,
        )

    @router.get("/summary", responses=problem.responses(*_EVERYWHERE))
    async def summarize_alerts(_: ActorDep, alerts: StoreDep) -> AlertSummary:
        """Count the alerts that stand, per department and level; superseded ones do not stand."""
        return AlertSummary(alerts=await alerts.summary())

    @router.get("/{alert_id}", responses=problem.responses(*_EVERYWHERE, AlertNotFound))
    async def read_alert(alert_id: UUID, actor: ActorDep, alerts: StoreDep) -> AlertView:
        """Return one alert with its findings, deliveries and disposals."""
        return shown(await alerts.seen_by(str(alert_id), by=actor))

    @router.post(
        "/{alert_id}/acknowledge",
        responses=problem.responses(*_EVERYWHERE, AlertNotFound, AlertSuperseded),
    )
    async def acknowledge_alert(
        alert_id: UUID,
        actor: ActorDep,
        alerts: StoreDep,
        clock: ClockDep,
        body: Acknowledgement | None = None,
    ) -> AlertView:
        """Say that one's department has seen the alert; an administrator says so for the lead."""
        said = body or Acknowledgement()
        return shown(
            await alerts.acknowledge(
                str(alert_id), by=actor, note=said.note, version=said.version, now=clock.now()
            )
        )

    @router.post(
        "/{alert_id}/dispose",
        responses=problem.responses(
            Unauthenticated, NotTheLead, Malformed, Unavailable, AlertNotFound, AlertAlreadyDisposed
        ),
    )
    async def dispose_alert(
        alert_id: UUID,
        body: DisposalRequest,
        actor: ActorDep,
        alerts: StoreDep,
        clock: ClockDep,
    ) -> AlertView:
        """End the alert with an outcome and a reason; every department it went to is told."""
        return shown(
            await alerts.dispose(
                str(alert_id),
                by=actor,
                outcome=body.outcome,
                reason=body.reason,
                version=body.version,
                now=clock.now(),
            )
        )

    return router


def _cursor_of(last: Alert) -> str:
    return urlsafe_b64encode(UUID(last.id).bytes).decode().rstrip("=")


def _id_of(cursor: str) -> str:
    try:
        return str(UUID(bytes=urlsafe_b64decode(cursor + "==")))
    except ValueError as error:
        raise Malformed("翻页游标无效") from error
