"""Enter an institution in the register."""

from datetime import datetime

from services.registry.app.announcements import of_registration
from services.registry.domain.institution import Institution, Particulars, register
from services.registry.domain.social_credit_code import check_social_credit_code
from services.registry.store.institutions import InstitutionStore
from shared.audit.log import Entry, Who


async def register_institution(
    particulars: Particulars,
    *,
    institutions: InstitutionStore,
    institution_id: str,
    who: Who,
    now: datetime,
) -> tuple[Institution, bool]:
    """Enter an institution once, and announce it; ``False`` when it was entered before."""
    check_social_credit_code(particulars.uscc)
    known = await institutions.with_uscc(particulars.uscc)
    institution = register(particulars, institution_id=institution_id, known=known)
    if known is not None:
        return institution, False
    events, entry = of_registration(institution), _entry(institution, who)
    if await institutions.add(institution, events=events, entry=entry, now=now):
        return institution, True
    # Somebody filed the same code between the look and the write: theirs is the one to compare.
    known = await institutions.with_uscc(particulars.uscc)
    return register(particulars, institution_id=institution_id, known=known), False


def _entry(institution: Institution, who: Who) -> Entry:
    return Entry(
        action="institution.registered",
        about_kind="institution",
        about_id=institution.institution_id,
        who=who,
        details={
            "version": institution.version,
            "kind": institution.particulars.kind,
            "town": institution.particulars.town,
        },
    )
