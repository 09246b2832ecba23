"""Acting on alerts over HTTP: every write answers with the alert as it then is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends

from shared import problem
from shared.alerts import requests
from shared.alerts.callers import (
    EVERYWHERE,
    ActorDep,
    ClockDep,
    DeskDep,
    EitherDep,
    StoreDep,
)
from shared.alerts.changes import (
    AlertAlreadyDisposed,
    AlertFull,
    AlertSuperseded,
    NotTheLead,
)
from shared.alerts.desk import Act
from shared.alerts.handling import RecheckMissing, SnoozeRefused
from shared.alerts.history_views import StatementView, statement_view
from shared.alerts.model import Actor, Alert, Applicant
from shared.alerts.rectifying import NotRectifying, RectificationDateRefused
from shared.alerts.statements import (
    InstitutionNotTold,
    Plea,
    StatementAlreadyAnswered,
    StatementClockRuns,
    StatementDateRefused,
    StatementNotFound,
    StatementTooLate,
    StatementUnanswered,
    same_statement,
)
from shared.alerts.store import AlertChanged, AlertNotFound
from shared.alerts.transferring import TransferRefused
from shared.alerts.views import AlertView, view_of
from shared.errors import Forbidden, Refusal
from shared.ids import new_id

_OF_ANY_WRITE: tuple[type[Refusal], ...] = (
    *EVERYWHERE,
    AlertNotFound,
    AlertSuperseded,
    AlertAlreadyDisposed,
    AlertChanged,
)


class _Office:
    """One request of staff: who acts on which alert when, and how the answer is shown."""

    def __init__(
        self, alert_id: UUID, actor: ActorDep, clock: ClockDep, desk: DeskDep, alerts: StoreDep
    ) -> None:
        self.desk = desk
        self._alert_id = str(alert_id)
        self._actor = actor
        self._clock = clock
        self._reckoning = alerts.reckoning

    def act(self, seen: requests.Seen) -> Act[Actor]:
        return Act(
            alert_id=self._alert_id,
            by=self._actor,
            now=self._clock.now(),
            version=seen.version,
        )

    def shown(self, alert: Alert, service: str) -> AlertView:
        return view_of(alert, service=service, reckoning=self._reckoning)


OfficeDep = Annotated[_Office, Depends()]


def acting_router(service: str) -> APIRouter:
    """Return the routes by which people act on a service's alerts."""
    router = APIRouter(prefix="/v1/alerts/{alert_id}")
    _add_handling(router, service)
    _add_rectifying(router, service)
    _add_statements(router, service)
    return router


def _add_handling(router: APIRouter, service: str) -> None:
    @router.post("/acknowledge", responses=problem.responses(*_OF_ANY_WRITE))
    async def acknowledge_alert(
        office: OfficeDep, body: Annotated[requests.Acknowledgement | None, Body()] = None
    ) -> AlertView:
        """Say that one's department has seen the alert; an administrator says so for the lead."""
        said = body or requests.Acknowledgement()
        alert = await office.desk.acknowledge(office.act(said), said.receipt())
        return office.shown(alert, service)

    @router.post(
        "/dispose",
        responses=problem.responses(
            NotTheLead, RecheckMissing, StatementUnanswered, StatementClockRuns, *_OF_ANY_WRITE
        ),
    )
    async def dispose_alert(office: OfficeDep, body: requests.DisposalRequest) -> AlertView:
        """End the alert with an outcome and a reason; every department it went to is told."""
        alert = await office.desk.dispose(office.act(body), body.ending())
        return office.shown(alert, service)

    @router.post("/feedback", responses=problem.responses(AlertFull, *_OF_ANY_WRITE))
    async def give_feedback(office: OfficeDep, body: requests.FeedbackRequest) -> AlertView:
        """Tell the other departments something; the same words again change nothing."""
        alert = await office.desk.give_feedback(office.act(body), body.text)
        return office.shown(alert, service)

    @router.post(
        "/transfer",
        responses=problem.responses(NotTheLead, TransferRefused, AlertFull, *_OF_ANY_WRITE),
    )
    async def transfer_alert(office: OfficeDep, body: requests.TransferRequest) -> AlertView:
        """Hand the alert to another department, which must acknowledge; one's own assists."""
        alert = await office.desk.transfer(office.act(body), body.to, reason=body.reason)
        return office.shown(alert, service)

    @router.post("/snooze", responses=problem.responses(SnoozeRefused, *_OF_ANY_WRITE))
    async def snooze_alert(office: OfficeDep, body: requests.SnoozeRequest) -> AlertView:
        """Quiet one's reminders of the alert until a day begins; no clock moves."""
        alert = await office.desk.snooze(office.act(body), body.reason, until=body.until)
        return office.shown(alert, service)


def _add_rectifying(router: APIRouter, service: str) -> None:
    @router.post(
        "/rectify",
        responses=problem.responses(
            NotTheLead, RectificationDateRefused, AlertFull, *_OF_ANY_WRITE
        ),
    )
    async def rectify_alert(office: OfficeDep, body: requests.RectificationRequest) -> AlertView:
        """Have something put right until a day."""
        alert = await office.desk.rectify(office.act(body), body.order())
        return office.shown(alert, service)

    @router.post(
        "/recheck",
        responses=problem.responses(
            NotTheLead, NotRectifying, RectificationDateRefused, AlertFull, *_OF_ANY_WRITE
        ),
    )
    async def recheck_alert(office: OfficeDep, body: requests.RecheckRequest) -> AlertView:
        """Record a re-check: one that passes leaves the alert to be disposed of."""
        alert = await office.desk.recheck(office.act(body), body.check())
        return office.shown(alert, service)


def _add_statements(router: APIRouter, service: str) -> None:
    @router.post(
        "/statements",
        responses=problem.responses(
            InstitutionNotTold, StatementTooLate, StatementDateRefused, AlertFull, *_OF_ANY_WRITE
        ),
    )
    async def state_case(
        alert_id: UUID,
        by: EitherDep,
        clock: ClockDep,
        desk: DeskDep,
        body: requests.StatementRequest,
    ) -> StatementView:
        """State the institution's case in time: itself, or a department that got its paper."""
        if isinstance(by, Applicant) and body.received_on is not None:
            raise Forbidden("收到日期只能由代为录入书面陈述的部门填写")
        plea = Plea(id=new_id(), text=body.text, received_on=body.received_on)
        alert = await desk.state_case(
            Act(alert_id=str(alert_id), by=by, now=clock.now(), version=body.version), plea
        )
        office = by.office_in(alert) if isinstance(by, Actor) else None
        filed = same_statement(alert, plea.text, on_paper_at=office)
        if filed is None:
            raise StatementNotFound("该预警没有这份陈述申辩。")
        return statement_view(filed)

    @router.post(
        "/statements/{statement_id}/answer",
        responses=problem.responses(
            NotTheLead, StatementNotFound, StatementAlreadyAnswered, *_OF_ANY_WRITE
        ),
    )
    async def answer_statement(
        office: OfficeDep, statement_id: UUID, body: requests.AnswerRequest
    ) -> AlertView:
        """Answer a statement for the lead; the institution reads it."""
        alert = await office.desk.answer_statement(office.act(body), str(statement_id), body.text)
        return office.shown(alert, service)
