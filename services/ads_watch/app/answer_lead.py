"""Take a department's answer to a lead, from whichever door it came."""

import hashlib
import json
from dataclasses import dataclass

from services.ads_watch.app.announcements import of_answer
from services.ads_watch.app.desk import Desk
from services.ads_watch.domain.lead import Lead, LeadNotFound, LeadOutcome, Step, StepKind
from shared.audit.log import Entry, Who
from shared.clock import milliseconds
from shared.mongo import Session, transact
from shared.outbox import enqueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an office says of a lead; an administrator, without one, speaks for who has it."""

    lead_id: str
    kind: StepKind
    office: str | None
    reason: str | None = None
    outcome: LeadOutcome | None = None

    @property
    def digest(self) -> str:
        told = [self.lead_id, self.kind, self.office, self.reason, self.outcome]
        return "sha256:" + hashlib.sha256(json.dumps(told).encode()).hexdigest()


async def answer_lead(answer: Answer, *, desk: Desk, who: Who, event_id: str | None = None) -> Lead:
    """Take an answer once; one from the bus is known by its office and its ``event_id``."""

    async def work(session: Session) -> Lead:
        lead = await desk.leads.get(answer.lead_id, session=session)
        if event_id is not None and await desk.leads.came_before(
            answer.office or "", event_id, digest=answer.digest, session=session
        ):
            return lead
        return await _answered(lead, answer, desk=desk, who=who, session=session)

    lead = await transact(desk.db, work)
    desk.committed()
    return lead


async def _answered(lead: Lead, answer: Answer, *, desk: Desk, who: Who, session: Session) -> Lead:
    office = answer.office or lead.department
    if office not in lead.parties:
        raise LeadNotFound("没有这个编号的线索，或您所在的部门未参与。")
    now = milliseconds(desk.now())
    after = lead.answered(
        Step(
            kind=answer.kind,
            department=office,
            at=now,
            reason=answer.reason,
            outcome=answer.outcome,
        )
    )
    if after == lead:
        return lead
    sighting = await desk.sightings.get(lead.sighting_id, session=session)
    await desk.leads.change(after, session=session)
    await desk.audit.record(_entry(after, who), session=session)
    await enqueue(desk.db, of_answer(after, sighting), session=session, now=now)
    return after


def _entry(lead: Lead, who: Who) -> Entry:
    step = lead.steps[-1]
    return Entry(
        action=f"lead.{step.kind}",
        about_kind="lead",
        about_id=lead.lead_id,
        who=who,
        why=step.reason,
        details={
            "version": lead.version,
            "department": step.department,
            "outcome": step.outcome,
        },
    )
