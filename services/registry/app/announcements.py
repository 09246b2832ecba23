"""What the bus hears of an institution: a fact for what happened, and its state for what is so."""

from typing import Any

from services.registry.domain.institution import Institution, Revocation
from shared.contracts.base import Channel, Contract
from shared.contracts.registry import (
    INSTITUTION_REGISTERED,
    INSTITUTION_REVOKED,
    INSTITUTION_STATE,
    InstitutionRegistered,
    InstitutionRevoked,
    InstitutionState,
)
from shared.outbox import Outgoing


def of_registration(institution: Institution) -> tuple[Outgoing, ...]:
    """Return the fact and the state of an institution just entered."""
    fact = InstitutionRegistered(**_entered(institution))
    return (_outgoing(INSTITUTION_REGISTERED, institution, fact), _state(institution))


def of_revocation(institution: Institution, revocation: Revocation) -> tuple[Outgoing, ...]:
    """Return the fact and the state of an institution that just lost its licence."""
    fact = InstitutionRevoked(
        institution_id=institution.institution_id,
        version=institution.version,
        uscc=institution.particulars.uscc,
        competent_department=institution.competent_department,
        revoked_on=revocation.revoked_on,
    )
    return (_outgoing(INSTITUTION_REVOKED, institution, fact), _state(institution))


def _state(institution: Institution) -> Outgoing:
    revocation = institution.revocation
    state = InstitutionState(
        **_entered(institution),
        status=institution.status,
        revoked_on=None if revocation is None else revocation.revoked_on,
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
