"""What people do to alerts, each in one transaction with its notices, clocks and audit row."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Generic, TypeAlias, TypeVar

from shared.alerts.changes import Change
from shared.alerts.handling import Ending, Receipt, acknowledge, dispose, give_feedback, snooze
from shared.alerts.model import Actor, Alert, Applicant
from shared.alerts.rectifying import Check, Order, recheck, rectify
from shared.alerts.statements import Plea, answer_statement, state_case
from shared.alerts.store import AlertChanged, AlertStore, milliseconds
from shared.alerts.transferring import transfer
from shared.audit.log import AuditLog, Detail, Entry, Who
from shared.mongo import Session, transact

By_co = TypeVar("By_co", bound=Actor | Applicant, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Act(Generic[By_co]):
    """Somebody acts on an alert, by the version they saw where they say so."""

    alert_id: str
    by: By_co
    now: datetime
    version: int | None = None

    @property
    def at(self) -> datetime:
        return milliseconds(self.now)


AnyAct: TypeAlias = Act[Actor | Applicant]


class AlertDesk:
    """Where people act on the alerts of one service."""

    def __init__(self, alerts: AlertStore, audit: AuditLog) -> None:
        self._alerts = alerts
        self._audit = audit
        self._reckoning = alerts.reckoning

    async def acknowledge(self, act: Act[Actor], receipt: Receipt) -> Alert:
        """Record a department's acknowledgement; a repeat returns the alert as it is."""
        return await self._do(
            act,
            lambda alert: acknowledge(alert, receipt, by=act.by, now=act.at),
            _entry(act, "alert.acknowledge", why=receipt.note),
        )

    async def rectify(self, act: Act[Actor], order: Order) -> Alert:
        """Order a rectification until a day."""
        return await self._do(
            act,
            lambda alert: rectify(alert, order, by=act.by, now=act.at, reckoning=self._reckoning),
            _entry(act, "alert.rectify", why=order.requirement, until=str(order.until)),
        )

    async def recheck(self, act: Act[Actor], check: Check) -> Alert:
        """Record a re-check."""
        until = None if check.until is None else str(check.until)
        return await self._do(
            act,
            lambda alert: recheck(alert, check, by=act.by, now=act.at, reckoning=self._reckoning),
            _entry(act, "alert.recheck", why=check.note, passed=check.passed, until=until),
        )

    async def dispose(self, act: Act[Actor], ending: Ending) -> Alert:
        """End an alert with its lead's outcome; an identical repeat returns the alert as it is."""
        unheard = ending.unanswered_reason is not None
        return await self._do(
            act,
            lambda alert: dispose(alert, ending, by=act.by, now=act.at, reckoning=self._reckoning),
            _entry(
                act, "alert.dispose", why=ending.reason, outcome=ending.outcome, unheard=unheard
            ),
        )

    async def give_feedback(self, act: Act[Actor], text: str) -> Alert:
        """Tell the other departments something."""
        return await self._do(
            act,
            lambda alert: give_feedback(alert, text, by=act.by, now=act.at),
            _entry(act, "alert.feedback", why=text),
        )

    async def transfer(self, act: Act[Actor], to: str, *, reason: str) -> Alert:
        """Hand the alert to another department; the one that did so may see it still."""
        return await self._do(
            act,
            lambda alert: transfer(alert, to, reason=reason, by=act.by, now=act.at),
            _entry(act, "alert.transfer", why=reason, to=to),
        )

    async def snooze(self, act: Act[Actor], reason: str, *, until: date) -> Alert:
        """Quiet a department's reminders until a day."""
        return await self._do(
            act,
            lambda alert: snooze(
                alert, reason, until=until, by=act.by, now=act.at, reckoning=self._reckoning
            ),
            _entry(act, "alert.snooze", why=reason, until=str(until)),
        )

    async def state_case(self, act: AnyAct, plea: Plea) -> Alert:
        """Take in what an institution says, or a paper of its."""
        return await self._do(
            act,
            lambda alert: state_case(alert, plea, by=act.by, now=act.at, reckoning=self._reckoning),
            _entry(act, "alert.state_case", why=plea.text, statement=plea.id),
        )

    async def answer_statement(self, act: Act[Actor], statement_id: str, text: str) -> Alert:
        """Answer a statement for the lead."""
        return await self._do(
            act,
            lambda alert: answer_statement(alert, statement_id, text, by=act.by, now=act.at),
            _entry(act, "alert.answer_statement", why=text, statement=statement_id),
        )

    async def _do(
        self, act: AnyAct, decide: Callable[[Alert], Change | None], entry: Entry
    ) -> Alert:
        async def work(session: Session) -> Alert:
            alert = await self._alerts.seen_by(act.alert_id, by=act.by, session=session)
            change = decide(alert)
            if change is None:
                return alert
            if act.version not in (alert.version, None):
                raise AlertChanged(
                    f"您看到的是第{act.version}版，现在是第{alert.version}版，请重新查看。"
                )
            [change] = await self._alerts.write(session, [change], now=act.now)
            await self._audit.record(_of_version(entry, change.after), session=session)
            return change.after

        alert = await transact(self._alerts.db, work)
        self._alerts.committed()
        return alert


def _entry(act: AnyAct, action: str, *, why: str | None, **details: Detail) -> Entry:
    return Entry(
        action=action,
        about_kind="alert",
        about_id=act.alert_id,
        who=_who(act.by),
        why=why,
        details=details,
    )


def _who(by: Actor | Applicant) -> Who:
    if isinstance(by, Applicant):
        return Who(role="institution", person=by.subject, office=by.institution)
    role = "admin" if by.department is None else "staff"
    return Who(role=role, person=by.subject, office=by.department)


def _of_version(entry: Entry, alert: Alert) -> Entry:
    return replace(entry, details={**entry.details, "version": alert.version})
