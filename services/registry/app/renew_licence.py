"""Give an institution its licence: the first one, a renewed one, or one exchanged for another."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.registry.app.announcements import of_licence
from services.registry.app.changing import Change, change_institution
from services.registry.domain.institution import Institution
from services.registry.domain.licence import Licence
from services.registry.domain.stops import Stop, check_stops
from services.registry.store.institutions import InstitutionStore
from shared.audit.log import Entry, Who
from shared.city_time import city_date


async def renew_licence(
    institution_id: str,
    *,
    licence: Licence,
    stops: Sequence[Stop],
    institutions: InstitutionStore,
    who: Who,
    now: datetime,
) -> Institution:
    """Enter a licence once, and announce it; the same licence again changes nothing."""
    today = city_date(now)

    def licensed(seen: Institution) -> Institution:
        seen.check_in_charge(None if who.role == "admin" else who.office)
        licence.check_issued(today)
        if seen.licence is None:
            # An application that was entered before a stop is not approved after it.
            first = replace(seen.particulars, licence=licence)
            check_stops(first, today=today, stops=stops)
        return seen.licensed(licence)

    change = Change(of=licensed, told=of_licence, noted=lambda changed: _entry(changed, who))
    institution, _ = await change_institution(
        institution_id, change, institutions=institutions, now=now
    )
    return institution


def _entry(institution: Institution, who: Who) -> Entry:
    licence = institution.licence
    assert licence is not None  # noqa: S101 - it was just entered
    return Entry(
        action="institution.licence-renewed",
        about_kind="institution",
        about_id=institution.institution_id,
        who=who,
        details={
            "version": institution.version,
            "number": licence.number,
            "issued_on": licence.issued_on.isoformat(),
            "valid_until": licence.valid_until.isoformat(),
        },
    )
