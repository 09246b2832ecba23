"""Enter an institution in the register."""

from datetime import datetime

from services.registry.app.announcements import of_registration
from services.registry.domain.institution import Institution, Particulars, register
from services.registry.domain.social_credit_code import check_social_credit_code
from services.registry.store.institutions import InstitutionStore


async def register_institution(
    particulars: Particulars,
    *,
    institutions: InstitutionStore,
    institution_id: str,
    now: datetime,
) -> tuple[Institution, bool]:
    """Enter an institution once, and announce it; ``False`` when it was entered before."""
    check_social_credit_code(particulars.uscc)
    known = await institutions.with_uscc(particulars.uscc)
    institution = register(particulars, institution_id=institution_id, known=known)
    if known is not None:
        return institution, False
    if await institutions.add(institution, events=of_registration(institution), now=now):
        return institution, True
    # Somebody filed the same code between the look and the write: theirs is the one to compare.
    known = await institutions.with_uscc(particulars.uscc)
    return register(particulars, institution_id=institution_id, known=known), False
