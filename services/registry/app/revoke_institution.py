"""Take an institution's licence away."""

from datetime import datetime

from services.registry.app.announcements import of_revocation
from services.registry.domain.institution import Institution, Revocation
from services.registry.store.institutions import InstitutionStore


async def revoke_institution(
    institution_id: str, *, revocation: Revocation, institutions: InstitutionStore, now: datetime
) -> Institution:
    """Revoke an institution once, and announce it; the same revocation again changes nothing."""
    seen = await institutions.get(institution_id)
    revoked = seen.revoked(revocation)
    if revoked == seen:
        return seen
    events = of_revocation(revoked, revocation)
    if await institutions.change(revoked, seen=seen, events=events, now=now):
        return revoked
    # Somebody revoked it between the look and the write: the same is fine, another is refused.
    return (await institutions.get(institution_id)).revoked(revocation)
