"""What the bus hears of an institution: a fact for what happened, and its state for what is so."""

from datetime import date
from typing import Any

from services.registry.domain.institution import Institution, Revocation
from services.registry.domain.licence import Licence
from services.registry.domain.site import Site
from shared.contracts.base import Channel, Contract
from shared.contracts.registry import (
    INSTITUTION_REGISTERED,
    INSTITUTION_REVOKED,
    INSTITUTION_STATE,
    LICENCE_RENEWED,
    SITE_CLOSED,
    SITE_OPENED,
    InstitutionLicence,
    InstitutionRegistered,
    InstitutionRevoked,
    InstitutionSite,
    InstitutionState,
    LicenceRenewed,
    SiteClosed,
    SiteOpened,
)
from shared.outbox import Outgoing


def of_registration(institution: Institution) -> tuple[Outgoing, ...]:
    """Return the fact and the state of an institution just entered."""
    fact = InstitutionRegistered(**_entered(institution))
    return (_outgoing(INSTITUTION_REGISTERED, institution, fact), _state(institution))


def of_revocation(institution: Institution, revocation: Revocation) -> tuple[Outgoing, ...]:
    """Return the fact and the state of an institution that just lost its licence."""
    fact = InstitutionRevoked(**_changed(institution), revoked_on=revocation.revoked_on)
    return (_outgoing(INSTITUTION_REVOKED, institution, fact), _state(institution))


def of_licence(institution: Institution) -> tuple[Outgoing, ...]:
    """Return the fact and the state of an institution that just got this licence."""
    licence = institution.licence
    assert licence is not None  # noqa: S101 - it was just entered
    fact = LicenceRenewed(**_changed(institution), licence=_licence(licence))
    return (_outgoing(LICENCE_RENEWED, institution, fact), _state(institution))


def of_site_opened(institution: Institution, site: Site) -> tuple[Outgoing, ...]:
    """Return the fact and the state of an institution that just got one more site."""
    fact = SiteOpened(**_changed(institution), site=_site(site))
    return (_outgoing(SITE_OPENED, institution, fact), _state(institution))


def of_site_closed(institution: Institution, site_id: str, closed_on: date) -> tuple[Outgoing, ...]:
    """Return the fact and the state of an institution that just closed a site."""
    fact = SiteClosed(**_changed(institution), site_id=site_id, closed_on=closed_on)
    return (_outgoing(SITE_CLOSED, institution, fact), _state(institution))


def _state(institution: Institution) -> Outgoing:
    revocation = institution.revocation
    state = InstitutionState(
        **_entered(institution),
        status=institution.status,
        revoked_on=None if revocation is None else revocation.revoked_on,
        licence=None if institution.licence is None else _licence(institution.licence),
        sites=[_site(site) for site in institution.sites if site.open],
    )
    return _outgoing(INSTITUTION_STATE, institution, state)


def _entered(institution: Institution) -> dict[str, Any]:
    """Return what fact and state both tell of an institution."""
    particulars = institution.particulars
    return {
        "institution_id": institution.institution_id,
        "version": institution.version,
        "name": particulars.name,
        "uscc": particulars.uscc,
        "kind": particulars.kind,
        "stages": list(particulars.stages),
        "mode": particulars.mode,
        "town": particulars.town,
        "competent_department": institution.competent_department,
    }


def _changed(institution: Institution) -> dict[str, Any]:
    """Return what every fact about a change tells."""
    return {
        "institution_id": institution.institution_id,
        "version": institution.version,
        "uscc": institution.particulars.uscc,
        "competent_department": institution.competent_department,
    }


def _licence(licence: Licence) -> InstitutionLicence:
    return InstitutionLicence(
        number=licence.number,
        issued_by=licence.issued_by,
        issued_on=licence.issued_on,
        valid_until=licence.valid_until,
        first_issued_on=licence.first_issued_on,
    )


def _site(site: Site) -> InstitutionSite:
    return InstitutionSite(
        site_id=site.site_id,
        address=site.place.address,
        town=site.place.town,
        area_m2=site.place.area_m2,
    )


def _outgoing(channel: Channel[Any], institution: Institution, data: Contract) -> Outgoing:
    # Fact and state carry the same version, and a version is used once within a key.
    key = "institution-state" if isinstance(data, InstitutionState) else "institution"
    return Outgoing(
        channel=channel,
        key=f"{key}:{institution.institution_id}",
        version=institution.version,
        tokens={"institution": institution.institution_id},
        subject=institution.institution_id,
        data=data,
    )
