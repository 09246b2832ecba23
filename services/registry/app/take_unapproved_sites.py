"""Take what schedule_monitor tells of sessions at unapproved places: an alert of the register."""

from dataclasses import dataclass
from datetime import datetime

from services.registry.domain.institution import Institution, InstitutionNotFound
from services.registry.domain.unapproved_site import UNAPPROVED_SITE, UnapprovedSites
from services.registry.store.institutions import InstitutionStore
from services.registry.store.unapproved_sites import UnapprovedSiteStore
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.alerts.store import AlertStore
from shared.duties.routing import route
from shared.mongo import Database, Session, transact


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDesk:
    """What taking works on."""

    db: Database
    institutions: InstitutionStore
    told: UnapprovedSiteStore
    alerts: AlertStore


async def take_unapproved_sites(
    sites: UnapprovedSites, *, cause: str, desk: SiteDesk, now: datetime
) -> None:
    """Raise, change or close the alert of an institution's month; an older version is skipped."""
    try:
        institution = await desk.institutions.get(sites.institution_id)
    except InstitutionNotFound:
        institution = None
    verdict = _verdict(sites, institution, cause)

    async def work(session: Session) -> None:
        if await desk.told.take(sites, now=now, session=session):
            await desk.alerts.settle(session, verdict, now=now)

    await transact(desk.db, work)
    desk.alerts.committed()


def _verdict(sites: UnapprovedSites, institution: Institution | None, cause: str) -> Verdict:
    facts = RuleFacts.of(UNAPPROVED_SITE)
    # One that this register does not know is told of by its id alone, to who leads where none is.
    name, competent, town = sites.institution_id, None, None
    if institution is not None:
        name, town = institution.particulars.name, institution.particulars.town
        competent = institution.competent_department
    return Verdict(
        about=About("institution", sites.institution_id, name),
        rule=facts,
        window=sites.month,
        findings=tuple(
            Finding(
                rule=facts,
                level=place.level,
                message=place.message,
                figures={"held": place.sessions, "reason": place.reason},
                events=(place.reference,),
            )
            for place in sites.places
        ),
        route=route(UNAPPROVED_SITE.code, competent=competent, town=town),
        causes=(cause,),
    )
