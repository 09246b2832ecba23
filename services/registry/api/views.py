"""What the register answers about institutions, as JSON."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from services.registry.domain.competence import competence_reason
from services.registry.domain.institution import Institution
from services.registry.domain.licence import Licence, LicenceState, state_of
from services.registry.domain.site import Site
from services.registry.store.history import Version
from shared.city_time import city_date
from shared.contracts.registry import InstitutionKind, InstitutionStatus, Stage, TeachingMode


class LicenceView(BaseModel):
    """A 办学许可证 as the register knows it."""

    number: str
    issued_by: str | None
    issued_on: date
    valid_until: date
    first_issued_on: date


class SiteView(BaseModel):
    """A 教学点; one that is closed stays on file."""

    site_id: str
    address: str
    town: str
    area_m2: int | None
    closed_on: date | None


class InstitutionView(BaseModel):
    """An institution as the register knows it."""

    institution_id: str
    version: int
    name: str
    uscc: str
    kind: InstitutionKind
    stages: list[Stage]
    mode: TeachingMode
    town: str
    competent_department: str
    competence_reason: str = Field(description="Why this department: the line of the plan.")
    status: InstitutionStatus
    licence: LicenceView | None
    licence_state: LicenceState = Field(
        description="Of the day asked about; expiring: 90 days or less are left."
    )
    sites: list[SiteView]
    revoked_on: date | None
    revocation_reason: str | None


class InstitutionPage(BaseModel):
    """One page of the register, newest first."""

    institutions: list[InstitutionView]
    next_cursor: str | None = Field(
        description="The cursor of the page after this one, if there is one."
    )


class InstitutionVersionView(BaseModel):
    """One version of an institution: what was done, by which office, known from when until when."""

    version: int
    action: str = Field(examples=["institution.registered", "institution.site-opened"])
    office: str | None = Field(description="Who did it; nothing for an administrator.")
    known_from: datetime
    known_until: datetime | None
    institution: InstitutionView


class InstitutionVersionPage(BaseModel):
    """One page of an institution's history, newest first."""

    versions: list[InstitutionVersionView]
    next_cursor: str | None = Field(
        description="The cursor of the page after this one, if there is one."
    )


def institution_view(institution: Institution, *, at: datetime) -> InstitutionView:
    """Return what is answered of an institution; its licence stands as on that city day."""
    particulars = institution.particulars
    revocation = institution.revocation
    return InstitutionView(
        institution_id=institution.institution_id,
        version=institution.version,
        name=particulars.name,
        uscc=particulars.uscc,
        kind=particulars.kind,
        stages=list(particulars.stages),
        mode=particulars.mode,
        town=particulars.town,
        competent_department=institution.competent_department,
        competence_reason=competence_reason(particulars.kind),
        status=institution.status,
        licence=None if institution.licence is None else _licence_view(institution.licence),
        licence_state=state_of(institution.licence, city_date(at)),
        sites=[site_view(site) for site in institution.sites],
        revoked_on=None if revocation is None else revocation.revoked_on,
        revocation_reason=None if revocation is None else revocation.reason,
    )


def site_view(site: Site) -> SiteView:
    """Return what is answered of a site."""
    return SiteView(
        site_id=site.site_id,
        address=site.place.address,
        town=site.place.town,
        area_m2=site.place.area_m2,
        closed_on=site.closed_on,
    )


def version_view(version: Version) -> InstitutionVersionView:
    """Return what is answered of a version; its licence stands as on the day it was written."""
    return InstitutionVersionView(
        version=version.institution.version,
        action=version.action,
        office=version.office,
        known_from=version.known_from,
        known_until=version.known_until,
        institution=institution_view(version.institution, at=version.known_from),
    )


def _licence_view(licence: Licence) -> LicenceView:
    return LicenceView(
        number=licence.number,
        issued_by=licence.issued_by,
        issued_on=licence.issued_on,
        valid_until=licence.valid_until,
        first_issued_on=licence.first_issued_on,
    )
