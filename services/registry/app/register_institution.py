"""Enter an institution in the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.registry.app.announcements import of_registration
from services.registry.domain.institution import Institution, Particulars, known_by, register
from services.registry.domain.social_credit_code import check_social_credit_code
from services.registry.domain.stops import Stop, check_stops
from services.registry.store.institutions import InstitutionStore
from shared.audit.log import Entry, Who
from shared.city_time import city_date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIds:
    """The ids that an institution and each of its places get when they are entered."""

    institution: str
    sites: tuple[str, ...]


async def register_institution(
    particulars: Particulars,
    *,
    stops: Sequence[Stop],
    institutions: InstitutionStore,
    ids: NewIds,
    who: Who,
    now: datetime,
) -> tuple[Institution, bool]:
    """Enter an institution once, and announce it; ``False`` when it was entered before."""
    check_social_credit_code(particulars.uscc)
    known = await institutions.with_uscc(particulars.uscc)
    if known is not None:
        # What is in the register already is nothing new, whatever has been stopped since.
        return known_by(particulars, known=known), False
    _check_new(particulars, stops=stops, now=now)
    institution = register(particulars, institution_id=ids.institution, site_ids=ids.sites)
    events, entry = of_registration(institution), _entry(institution, who)
    if await institutions.add(institution, events=events, entry=entry, now=now):
        return institution, True
    # Somebody filed the same code between the look and the write: theirs is the one to compare.
    known = await institutions.with_uscc(particulars.uscc)
    assert known is not None  # noqa: S101 - its code has just stood in the way
    return known_by(particulars, known=known), False


def _check_new(particulars: Particulars, *, stops: Sequence[Stop], now: datetime) -> None:
    today = city_date(now)
    if particulars.licence is not None:
        particulars.licence.check_issued(today)
    check_stops(particulars, today=today, stops=stops)


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
