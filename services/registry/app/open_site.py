"""Add a site to an institution."""

from datetime import datetime

from services.registry.app.announcements import of_site_opened
from services.registry.app.changing import Change, change_institution
from services.registry.domain.institution import Institution
from services.registry.domain.site import Site
from services.registry.store.institutions import InstitutionStore
from shared.audit.log import Entry, Who


async def open_site(
    institution_id: str,
    site: Site,
    *,
    institutions: InstitutionStore,
    who: Who,
    now: datetime,
) -> tuple[Institution, bool]:
    """Add a site once, and announce it; ``False`` when the same place is open already."""

    def opened(seen: Institution) -> Institution:
        seen.check_in_charge(None if who.role == "admin" else who.office)
        return seen.with_site(site)

    change = Change(
        of=opened,
        told=lambda changed: of_site_opened(changed, site),
        noted=lambda changed: _entry(changed, site, who),
    )
    return await change_institution(institution_id, change, institutions=institutions, now=now)


def _entry(institution: Institution, site: Site, who: Who) -> Entry:
    return Entry(
        action="institution.site-opened",
        about_kind="institution",
        about_id=institution.institution_id,
        who=who,
        details={
            "version": institution.version,
            "site_id": site.site_id,
            "town": site.place.town,
        },
    )
