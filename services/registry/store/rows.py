"""How an institution lies in MongoDB, and back; BSON has no local date."""

from datetime import date

from services.registry.domain.institution import Institution, Particulars, Revocation
from services.registry.domain.licence import Licence
from services.registry.domain.site import Place, Site
from shared.mongo import Row

SCHEMA = 2


def fields_of(institution: Institution) -> Row:
    """Return what a document says of an institution, in the register and in its history alike."""
    particulars = institution.particulars
    revocation = institution.revocation
    return {
        "schema": SCHEMA,
        "version": institution.version,
        "name": particulars.name,
        "uscc": particulars.uscc,
        "kind": particulars.kind,
        "stages": list(particulars.stages),
        "mode": particulars.mode,
        "town": particulars.town,
        "competent_department": institution.competent_department,
        "status": institution.status,
        "licence": _licence_row(institution.licence),
        "sites": [_site_row(site) for site in institution.sites],
        # What came with the first filing, by which the same filing is known again.
        "filed": {
            "licence": _licence_row(particulars.licence),
            "places": [_place_row(place) for place in particulars.places],
        },
        # A midnight would be another day in another time zone.
        "revoked_on": None if revocation is None else revocation.revoked_on.isoformat(),
        "revocation_reason": None if revocation is None else revocation.reason,
    }


def institution_of(row: Row, *, institution_id: str) -> Institution:
    """Return the institution of a document."""
    return Institution(
        institution_id=institution_id,
        version=row["version"],
        particulars=Particulars(
            name=row["name"],
            uscc=row["uscc"],
            kind=row["kind"],
            stages=tuple(row["stages"]),
            mode=row["mode"],
            town=row["town"],
            licence=_licence(row["filed"]["licence"]),
            places=tuple(_place(place) for place in row["filed"]["places"]),
        ),
        licence=_licence(row["licence"]),
        sites=tuple(_site(site) for site in row["sites"]),
        revocation=_revocation(row),
    )


def _licence_row(licence: Licence | None) -> Row | None:
    if licence is None:
        return None
    return {
        "number": licence.number,
        "issued_by": licence.issued_by,
        "issued_on": licence.issued_on.isoformat(),
        "valid_until": licence.valid_until.isoformat(),
        "first_issued_on": licence.first_issued_on.isoformat(),
    }


def _licence(row: Row | None) -> Licence | None:
    if row is None:
        return None
    return Licence(
        number=row["number"],
        issued_by=row["issued_by"],
        issued_on=date.fromisoformat(row["issued_on"]),
        valid_until=date.fromisoformat(row["valid_until"]),
        first_issued_on=date.fromisoformat(row["first_issued_on"]),
    )


def _place_row(place: Place) -> Row:
    return {"address": place.address, "town": place.town, "area_m2": place.area_m2}


def _place(row: Row) -> Place:
    return Place(address=row["address"], town=row["town"], area_m2=row["area_m2"])


def _site_row(site: Site) -> Row:
    closed_on = None if site.closed_on is None else site.closed_on.isoformat()
    return {"site_id": site.site_id, **_place_row(site.place), "closed_on": closed_on}


def _site(row: Row) -> Site:
    closed_on = None if row["closed_on"] is None else date.fromisoformat(row["closed_on"])
    return Site(site_id=row["site_id"], place=_place(row), closed_on=closed_on)


def _revocation(row: Row) -> Revocation | None:
    if row["revoked_on"] is None:
        return None
    return Revocation(
        revoked_on=date.fromisoformat(row["revoked_on"]), reason=row["revocation_reason"]
    )
