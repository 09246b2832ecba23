"""Take an institution's licence away."""

from datetime import datetime

from services.registry.app.announcements import of_revocation
from services.registry.app.changing import Change, change_institution
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
    change = Change(
        of=lambda seen: seen.revoked(revocation),
        told=lambda revoked: of_revocation(revoked, revocation),
        noted=lambda revoked: _entry(revoked, revocation, who),
    )
    revoked, _ = await change_institution(
        institution_id, change, institutions=institutions, now=now
    )
    return revoked


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
