"""Institutions for tests; every default is valid."""

from dataclasses import replace
from datetime import date
from typing import Any

from services.registry.domain.institution import Institution, Particulars, Revocation, register
from services.registry.domain.licence import Licence
from services.registry.domain.site import Place, Site

USCC = "52330481MJ000001XJ"
LICENCE = {
    "number": "教民133048170000018号",
    "issued_on": "2019-06-01",
    # Far away: the service's clock in tests is the machine's.
    "valid_until": "2099-05-31",
}


def a_filing(**changes: Any) -> dict[str, Any]:
    """Return the body with which a department enters an institution that exists since 2019."""
    return {
        "name": "海宁市硖石街道青禾文化培训中心",
        "uscc": USCC,
        "kind": "subject",
        "stages": ["compulsory"],
        "mode": "offline",
        "town": "xiashi",
        "licence": LICENCE,
        **changes,
    }


def a_licence(**changes: Any) -> Licence:
    """Return a licence of the domain; its first day is its day of issue."""
    given = {
        "number": LICENCE["number"],
        "issued_on": date(2019, 6, 1),
        "valid_until": date(2099, 5, 31),
        **changes,
    }
    return Licence(**{"first_issued_on": given["issued_on"], **given})


def a_place(**changes: Any) -> Place:
    return Place(**{"address": "硖石街道水月亭东路1号", "town": "xiashi", **changes})


def a_site(site_id: str = "site-1", **changes: Any) -> Site:
    return Site(site_id=site_id, place=a_place(**changes))


def particulars(**changes: Any) -> Particulars:
    """Return what such a body says."""
    filing = {**a_filing(), "licence": a_licence(), **changes}
    return Particulars(**{**filing, "stages": tuple(filing["stages"])})


def an_institution(
    *,
    institution_id: str = "01890000-0000-7000-8000-000000000001",
    revocation: Revocation | None = None,
    **changes: Any,
) -> Institution:
    """Return an institution just entered."""
    filed = particulars(**changes)
    site_ids = [f"site-{number}" for number, _ in enumerate(filed.places, 1)]
    entered = register(filed, institution_id=institution_id, site_ids=site_ids)
    return replace(entered, revocation=revocation)
