"""Take in a sighting: judged, its leads sent and its alerts raised, all in one transaction."""

from services.ads_watch.app.alerting import verdicts_of
from services.ads_watch.app.announcements import of_sending
from services.ads_watch.app.desk import Desk
from services.ads_watch.domain.checking import Matter
from services.ads_watch.domain.lead import Lead, Point
from services.ads_watch.domain.sighting import Seen, Sighting, digest_of
from services.ads_watch.store.sightings import SightingReported
from shared.audit.log import Entry, Who
from shared.clock import milliseconds
from shared.duties.routing import explain, route
from shared.ids import new_id
from shared.mongo import Session, transact
from shared.outbox import enqueue


async def report_sighting(
    seen: Seen, *, office: str, desk: Desk, who: Who
) -> tuple[Sighting, bool]:
    """Take in a report once; ``False`` when the same office made the same report before."""
    known = await desk.sightings.with_digest(digest_of(office, seen))
    if known is not None:
        return known, False
    sighting = Sighting(
        sighting_id=new_id(), office=office, seen=seen, reported_at=milliseconds(desk.now())
    )
    window = f"{seen.subject.key}/{sighting.month}"
    await desk.sightings.open_window(window)

    async def work(session: Session) -> None:
        await desk.sightings.enter_window(window, session=session)
        await desk.sightings.add(sighting, session=session)
        await desk.audit.record(_entry(sighting, who), session=session)
        await _send_leads(sighting, desk=desk, who=who, session=session)
        await _raise_alerts(sighting, desk=desk, session=session)

    try:
        await transact(desk.db, work)
    except SightingReported:
        # Somebody sent the same between the look and the write.
        known = await desk.sightings.with_digest(sighting.digest)
        if known is None:
            raise
        return known, False
    desk.committed()
    return sighting, True


async def _send_leads(sighting: Sighting, *, desk: Desk, who: Who, session: Session) -> None:
    leads = [_lead(sighting, matter) for matter in sighting.checked.matters]
    await desk.leads.add(leads, session=session)
    await desk.audit.record(*(_sent(lead, who) for lead in leads), session=session)
    events = [of_sending(lead, sighting) for lead in leads]
    await enqueue(desk.db, events, session=session, now=sighting.reported_at)


async def _raise_alerts(sighting: Sighting, *, desk: Desk, session: Session) -> None:
    if not sighting.checked.matters:
        return
    window = desk.sightings.of_window(sighting.seen.subject.key, sighting.month, session=session)
    verdicts = verdicts_of([one async for one in window])
    await desk.alerts.settle_many(session, verdicts, now=sighting.reported_at)


def _lead(sighting: Sighting, matter: Matter) -> Lead:
    rule = matter.rule
    decision = route(rule.code, competent=None)
    return Lead(
        lead_id=new_id(),
        version=1,
        sighting_id=sighting.sighting_id,
        point=Point(
            kind=rule.code,
            title=rule.title,
            article=rule.article.reference,
            explanation=matter.explanation,
            phrase=matter.phrase,
        ),
        sender=sighting.office,
        department=decision.lead,
        reason=explain(decision.deliveries[0]),
        state="sent",
        sent_at=sighting.reported_at,
    )


def _entry(sighting: Sighting, who: Who) -> Entry:
    return Entry(
        action="sighting.reported",
        about_kind="sighting",
        about_id=sighting.sighting_id,
        who=who,
        details={
            "medium": sighting.seen.medium,
            "town": sighting.seen.town,
            "unlawful": len(sighting.checked.matters),
            "digest": sighting.digest,
        },
    )


def _sent(lead: Lead, who: Who) -> Entry:
    return Entry(
        action="lead.sent",
        about_kind="lead",
        about_id=lead.lead_id,
        who=who,
        details={
            "kind": lead.point.kind,
            "department": lead.department,
            "sighting": lead.sighting_id,
        },
    )
