"""What the exchange hears of leads: a lead for who has it, and its progress for who sent it."""

from dataclasses import asdict
from typing import Any

from services.ads_watch.domain.lead import Lead
from services.ads_watch.domain.sighting import Sighting
from shared.contracts.ads import LEAD_SENT, LEAD_TOLD, LeadProgress, LeadSent, LeadSighting
from shared.outbox import Outgoing


def of_sending(lead: Lead, sighting: Sighting) -> Outgoing:
    """Return what the department that a lead now lies with is told."""
    returned = lead.returned
    data = LeadSent(
        lead_id=lead.lead_id,
        version=lead.version,
        **asdict(lead.point),
        sender=lead.sender,
        department=lead.department,
        reason=lead.reason,
        returned_by=None if returned is None else returned.department,
        sent_at=lead.sent_at if returned is None else returned.at,
        sighting=_sighting(sighting),
    )
    return Outgoing(
        channel=LEAD_SENT,
        key=f"lead:{lead.lead_id}",
        version=lead.version,
        tokens={"department": lead.department},
        subject=lead.lead_id,
        data=data,
    )


def of_answer(lead: Lead, sighting: Sighting) -> tuple[Outgoing, ...]:
    """Return what leaves after the last answer to a lead."""
    step = lead.steps[-1]
    told = [of_sending(lead, sighting)] if step.kind == "returned" else []
    if lead.sender != step.department:
        told.append(_progress(lead))
    return tuple(told)


def _progress(lead: Lead) -> Outgoing:
    step = lead.steps[-1]
    return Outgoing(
        channel=LEAD_TOLD[step.kind],
        # Beside a returned lead's sending, which has the same version.
        key=f"lead-progress:{lead.lead_id}",
        version=lead.version,
        tokens={"department": lead.sender},
        subject=lead.lead_id,
        data=LeadProgress(
            lead_id=lead.lead_id,
            version=lead.version,
            sighting_id=lead.sighting_id,
            kind=lead.point.kind,
            department=step.department,
            at=step.at,
            reason=step.reason,
            outcome=step.outcome,
        ),
    )


def _sighting(sighting: Sighting) -> LeadSighting:
    told: dict[str, Any] = asdict(sighting.seen)
    return LeadSighting(sighting_id=sighting.sighting_id, **told)
