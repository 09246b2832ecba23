"""Institutions for tests; every default is valid."""

from typing import Any

from services.registry.domain.institution import Institution, Particulars, Revocation

USCC = "52330481MJ000001XJ"


def a_filing(**changes: Any) -> dict[str, Any]:
    """Return the body with which a department enters an institution."""
    return {
        "name": "海宁市硖石街道青禾文化培训中心",
        "uscc": USCC,
        "kind": "subject",
        "stages": ["compulsory"],
        "mode": "offline",
        "town": "xiashi",
        **changes,
    }


def particulars(**changes: Any) -> Particulars:
    """Return what such a body says."""
    filing = a_filing(**changes)
    return Particulars(**{**filing, "stages": tuple(filing["stages"])})


def an_institution(
    *,
    institution_id: str = "01890000-0000-7000-8000-000000000001",
    revocation: Revocation | None = None,
    **changes: Any,
) -> Institution:
    """Return an institution just entered."""
    return Institution(
        institution_id=institution_id,
        version=1,
        particulars=particulars(**changes),
        revocation=revocation,
    )
