"""What a late or ignored request comes to: one alert each, which rises when it is found again."""

from datetime import datetime

from services.schedule_monitor.domain.takedowns import (
    INSTITUTION,
    MEASURE_NAMES,
    TAKEDOWN_OVERDUE,
)
from services.schedule_monitor.store.institutions import InstitutionReplica
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.alerts.store import AlertStore
from shared.city_time import CITY_TIME
from shared.duties.routing import route
from shared.mongo import Session
from shared.takedown.desk import Told
from shared.takedown.model import Takedown

_RULE = RuleFacts.of(TAKEDOWN_OVERDUE)


def telling(alerts: AlertStore, institutions: InstitutionReplica) -> Told:
    """Return what settles a request's alert whenever the request has changed."""

    async def told(session: Session, takedown: Takedown, now: datetime) -> None:
        institution_id = takedown.thing.marks.get(INSTITUTION)
        found = (
            None
            if institution_id is None
            else await institutions.find(institution_id, session=session)
        )
        competent = None if found is None else found.competent_department
        await alerts.settle(session, verdict_on(takedown, competent=competent), now=now)

    return told


def verdict_on(takedown: Takedown, *, competent: str | None) -> Verdict:
    """Judge one request: late is yellow, still there after a re-check is red."""
    recipient = takedown.recipient
    return Verdict(
        about=About(recipient.kind, recipient.code or recipient.name, recipient.name),
        rule=_RULE,
        window=takedown.id,
        findings=_findings(takedown),
        route=route(_RULE.code, competent=competent),
        causes=(f"takedown:{takedown.id}:v{takedown.version}",),
    )


def _findings(takedown: Takedown) -> tuple[Finding, ...]:
    measure = MEASURE_NAMES[takedown.measure]
    figures = {"rounds": len(takedown.rounds)}
    if takedown.found_again:
        checks = [(one, check) for one in takedown.rounds for check in one.rechecks]
        asked, last = checks[-1]
        message = f"要求{measure}的{takedown.thing.title}复查未过：{last.note}"
        events = tuple(f"takedown:{takedown.id}:round{asked.number}:{it}" for it in last.evidence)
        return (
            Finding(
                rule=_RULE,
                level="red",
                message=message,
                figures=figures,
                events=events or (f"takedown:{takedown.id}:round{asked.number}",),
            ),
        )
    current = takedown.round
    if not takedown.overdue or current is None or current.overdue_at is None:
        return ()
    sent_at = current.opened_at.astimezone(CITY_TIME)
    return (
        Finding(
            rule=_RULE,
            level="yellow",
            message=(
                f"{sent_at:%Y-%m-%d %H:%M}要求{measure}{takedown.thing.title}，逾期未答复"
                f"（{current.article}）"
            ),
            figures=figures,
            events=(f"takedown:{takedown.id}:round{current.number}:overdue",),
        ),
    )
