"""Close a site of an institution."""

from datetime import date, datetime

from services.registry.app.announcements import of_site_closed
from services.registry.app.changing import Change, change_institution
from services.registry.domain.institution import Institution
from services.registry.store.institutions import InstitutionStore
from shared.audit.log import Entry, Who


async def close_site(
    institution_id: str,
    site_id: str,
    *,
    closed_on: date,
    institutions: InstitutionStore,
    who: Who,
    now: datetime,
) -> Institution:
    """Close a site once, and announce it; the same day again changes nothing."""

    def closed(seen: Institution) -> Institution:
        seen.check_in_charge(None if who.role == "admin" else who.office)
        return seen.with_site_closed(site_id, closed_on)

    change = Change(
        of=closed,
        told=lambda changed: of_site_closed(changed, site_id, closed_on),
        noted=lambda changed: _entry(changed, site_id, closed_on, who),
    )
    institution, _ = await change_institution(
        institution_id, change, institutions=institutions, now=now
    )
    return institution


def _entry(institution: Institution, site_id: str, closed_on: date, who: Who) -> Entry:
    return Entry(
        action="institution.site-closed",
        about_kind="institution",
        about_id=institution.institution_id,
        who=who,
        details={
            "version": institution.version,
            "site_id": site_id,
            "closed_on": closed_on.isoformat(),
        },
    )
