"""What registry tells the others about institutions. Owner: 市教育局."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.base import Channel, Contract

InstitutionId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[0-9A-Za-z._-]+$",
        description="The suite's own id of the institution; it outlives its 统一社会信用代码.",
    ),
]
Uscc = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$",
        description="统一社会信用代码 (GB 32100-2015).",
        examples=["52330481MJ000001XJ"],
    ),
]
InstitutionName = Annotated[str, Field(min_length=1, max_length=64)]
InstitutionKind = Literal["subject", "culture_arts", "sports", "science_tech"]
Stage = Literal["preschool", "compulsory", "senior_secondary"]
TeachingMode = Literal["offline", "online"]
InstitutionStatus = Literal["active", "revoked"]
Version = Annotated[int, Field(ge=1, lt=2**53)]
Code = Annotated[str, Field(min_length=1, max_length=64)]


class InstitutionLicence(Contract):
    """The 办学许可证 of an institution; whether it still runs is a matter of the day."""

    number: Code
    issued_by: Annotated[str, Field(max_length=64)] | None = None
    issued_on: date
    valid_until: Annotated[date, Field(description="The last valid day.")]
    first_issued_on: Annotated[
        date, Field(description="When the institution was first licensed, before any renewal.")
    ]


class InstitutionSite(Contract):
    """A 教学点 of an institution."""

    site_id: InstitutionId
    address: Annotated[str, Field(min_length=1, max_length=200)]
    town: Code
    area_m2: Annotated[int, Field(ge=1, lt=2**53)] | None = None


class InstitutionState(Contract):
    """An institution as the register knows it now; a higher version replaces a lower one."""

    institution_id: InstitutionId
    version: Version
    name: InstitutionName
    uscc: Uscc
    kind: InstitutionKind
    stages: list[Stage]
    mode: TeachingMode
    town: Code
    competent_department: Code
    status: InstitutionStatus
    revoked_on: date | None = None
    # Older states carry neither.
    licence: InstitutionLicence | None = None
    sites: list[InstitutionSite] = Field(
        default_factory=list, max_length=100, description="Where it teaches now."
    )


class InstitutionRegistered(Contract):
    """An institution was entered in the register."""

    institution_id: InstitutionId
    version: Version
    name: InstitutionName
    uscc: Uscc
    kind: InstitutionKind
    stages: list[Stage]
    mode: TeachingMode
    town: Code
    competent_department: Code


class InstitutionRevoked(Contract):
    """An institution lost its licence. The reason stays at the register: it may name persons."""

    institution_id: InstitutionId
    version: Version
    uscc: Uscc
    competent_department: Code
    revoked_on: date


class LicenceRenewed(Contract):
    """An institution got a licence: its first, a renewed one, or another in exchange."""

    institution_id: InstitutionId
    version: Version
    uscc: Uscc
    competent_department: Code
    licence: InstitutionLicence


class SiteOpened(Contract):
    """An institution got one more site."""

    institution_id: InstitutionId
    version: Version
    uscc: Uscc
    competent_department: Code
    site: InstitutionSite


class SiteClosed(Contract):
    """An institution no longer teaches at a site."""

    institution_id: InstitutionId
    version: Version
    uscc: Uscc
    competent_department: Code
    site_id: InstitutionId
    closed_on: date


INSTITUTION_STATE = Channel(
    "state.registry.institution.v1.{institution}",
    "REGISTRY_STATE",
    InstitutionState,
    service="registry",
)
INSTITUTION_REGISTERED = Channel(
    "registry.institution-registered.v1.{institution}",
    "REGISTRY",
    InstitutionRegistered,
    service="registry",
)
INSTITUTION_REVOKED = Channel(
    "registry.institution-revoked.v1.{institution}",
    "REGISTRY",
    InstitutionRevoked,
    service="registry",
)
LICENCE_RENEWED = Channel(
    "registry.licence-renewed.v1.{institution}",
    "REGISTRY",
    LicenceRenewed,
    service="registry",
)
SITE_OPENED = Channel(
    "registry.site-opened.v1.{institution}",
    "REGISTRY",
    SiteOpened,
    service="registry",
)
SITE_CLOSED = Channel(
    "registry.site-closed.v1.{institution}",
    "REGISTRY",
    SiteClosed,
    service="registry",
)
CHANNELS = (
    INSTITUTION_STATE,
    INSTITUTION_REGISTERED,
    INSTITUTION_REVOKED,
    LICENCE_RENEWED,
    SITE_OPENED,
    SITE_CLOSED,
)
