"""What an institution is told of alerts about itself: that they stand, and how its case goes."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from shared import problem
from shared.alerts.callers import EVERYWHERE, ApplicantDep, StoreDep
from shared.alerts.clocks import Reckoning, statement_deadline
from shared.alerts.history_views import AnswerView, statement_view
from shared.alerts.model import Alert, Level, Outcome, State
from shared.alerts.store import AlertNotFound
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after


class OwnStatement(BaseModel):
    """What was said for the institution, and the answer to it."""

    id: str
    text: str
    received_at: datetime
    answer: AnswerView | None


class OwnAlert(BaseModel):
    """An alert as the institution it is about sees it: no other body's notes, no evidence."""

    id: str
    service: str
    title: str
    message: str
    article: str
    origin: str = Field(description="Seed 方案、L 法律、S 公开网页；G、P 不是法律依据。")
    level: Level
    state: State
    window: str
    lead: str
    told_at: datetime
    statement_due_at: datetime
    statement_due_provisional: bool = Field(
        description="The calendar of that year is not announced yet; the day may move."
    )
    requirement: str | None
    rectify_until: date | None
    outcome: Outcome | None
    disposed_at: datetime | None
    statements: list[OwnStatement]


class OwnAlertPage(BaseModel):
    """One page of an institution's own alerts, newest first."""

    alerts: list[OwnAlert]
    next_cursor: str | None


def own_alerts_router(service: str) -> APIRouter:
    """Return the routes by which institutions read what they were told."""
    router = APIRouter(prefix="/v1/own-alerts")

    @router.get("", responses=problem.responses(*EVERYWHERE))
    async def list_own_alerts(
        applicant: ApplicantDep,
        alerts: StoreDep,
        cursor: Cursor = None,
        limit: Limit = USUAL_LIMIT,
    ) -> OwnAlertPage:
        """List the alerts that one's institution was told of, newest first."""
        page = await alerts.told(applicant.institution, before=before_of(cursor), limit=limit)
        return OwnAlertPage(
            alerts=[_own(alert, service, alerts.reckoning) for alert in page],
            next_cursor=cursor_after([alert.id for alert in page], limit=limit),
        )

    @router.get("/{alert_id}", responses=problem.responses(*EVERYWHERE, AlertNotFound))
    async def read_own_alert(alert_id: UUID, applicant: ApplicantDep, alerts: StoreDep) -> OwnAlert:
        """Return one alert that one's institution was told of, with its statements."""
        alert = await alerts.seen_by(str(alert_id), by=applicant)
        return _own(alert, service, alerts.reckoning)

    return router


def _own(alert: Alert, service: str, reckoning: Reckoning) -> OwnAlert:
    deadline = statement_deadline(alert, reckoning)
    if alert.told_at is None or deadline is None:
        raise AlertNotFound("没有这个编号的预警，或机构未获告知。")
    order = alert.rectification
    return OwnAlert(
        id=alert.id,
        service=service,
        title=alert.rule.title,
        message=alert.message,
        article=alert.rule.article,
        origin=alert.rule.origin,
        level=alert.level,
        state=alert.state,
        window=alert.window,
        lead=alert.lead,
        told_at=alert.told_at,
        statement_due_at=deadline.at,
        statement_due_provisional=deadline.provisional,
        requirement=None if order is None else order.requirement,
        rectify_until=None if order is None else order.until,
        outcome=None if alert.disposal is None else alert.disposal.outcome,
        disposed_at=None if alert.disposal is None else alert.disposal.disposed_at,
        statements=[
            OwnStatement(**statement_view(it).model_dump(include=set(OwnStatement.model_fields)))
            for it in alert.statements
        ],
    )
