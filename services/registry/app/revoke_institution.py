"""Take an institution's licence away."""

from datetime import datetime

from services.registry.app.announcements import of_revocation
from services.registry.domain.institution import Institution, Revocation
from services.registry.store.institutions import InstitutionStore
from shared.audit.log import Entry, Who


async def revoke_institution(
    institution_id: str,
    *,
    revocation: Revocation,
    institutions: InstitutionStore,
    who: Who,
    now: datetime,
) -> Institution:
    """Revoke an institution once, and announce it; the same revocation again changes nothing."""
    seen = await institutions.get(institution_id)
    revoked = seen.revoked(revocation)
    if revoked == seen:
        return seen
    events, entry = of_revocation(revoked, revocation), _entry(revoked, revocation, who)
    if await institutions.change(revoked, seen=seen, events=events, entry=entry, now=now):
        return revoked
    # Somebody revoked it between the look and the write: the same is fine, another is refused.
    return (await institutions.get(institution_id)).revoked(revocation)


def _entry(institution: Institution, revocation: Revocation, who: Who) -> Entry:
    return Entry(
        action="institution.revoked",
        about_kind="institution",
        about_id=institution.institution_id,
        who=who,
        why=revocation.reason,
        details={
            "version": institution.version,
            "revoked_on": revocation.revoked_on.isoformat(),
        },
    )
