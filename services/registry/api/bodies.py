"""What departments file about institutions, as JSON."""

from datetime import date
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from services.registry.domain.institution import Particulars
from services.registry.domain.licence import Licence
from services.registry.domain.site import Place
from shared.access.scopes import TOWN_CODES
from shared.contracts.registry import InstitutionKind, Stage, TeachingMode, Uscc
from shared.iso_date import IsoDate
from shared.plain_text import ONE_LINE


def _a_town(code: str) -> str:
    if code not in TOWN_CODES:
        raise ValueError("不是本市镇（街道）的代码")
    return code


def _without_repeats(stages: list[Stage]) -> list[Stage]:
    if len(set(stages)) != len(stages):
        raise ValueError("学段不得重复")
    return stages


# A reason may have line breaks, a name may not.
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=ONE_LINE),
]
Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE),
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]+$"),
]
Town = Annotated[
    str,
    Field(max_length=64, examples=["xiashi"], description="Code of a town or street."),
    AfterValidator(_a_town),
]
Stages = Annotated[list[Stage], Field(min_length=1, max_length=3), AfterValidator(_without_repeats)]


class LicenceFiling(BaseModel):
    """办学许可证: its number, its day of issue and its last valid day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[Line, Field(examples=["教民133048170000018号"])]
    issued_by: Line | None = None
    issued_on: IsoDate
    valid_until: Annotated[IsoDate, Field(description="The last valid day.")]
    first_issued_on: Annotated[
        IsoDate | None,
        Field(description="When the institution was first licensed, if this one was exchanged."),
    ] = None

    @field_validator("valid_until")
    @classmethod
    def _after_issue(cls, until: date, given: ValidationInfo) -> date:
        issued_on = given.data.get("issued_on")
        if issued_on is not None and until <= issued_on:
            raise ValueError("须晚于发证日期 issued_on")
        return until

    @field_validator("first_issued_on")
    @classmethod
    def _not_after_issue(cls, first: date | None, given: ValidationInfo) -> date | None:
        issued_on = given.data.get("issued_on")
        if first is not None and issued_on is not None and first > issued_on:
            raise ValueError("不得晚于发证日期 issued_on")
        return first

    def licence(self) -> Licence:
        """Return the licence; one that names no earlier day is the first."""
        return Licence(
            number=self.number,
            issued_by=self.issued_by,
            issued_on=self.issued_on,
            valid_until=self.valid_until,
            first_issued_on=self.first_issued_on or self.issued_on,
        )


class SiteFiling(BaseModel):
    """教学点: where an institution teaches; one address is one site."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Address
    town: Town
    area_m2: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None

    def place(self) -> Place:
        """Return the place it names."""
        return Place(address=self.address, town=self.town, area_m2=self.area_m2)


def _one_site_an_address(sites: list[SiteFiling]) -> list[SiteFiling]:
    if len({site.address for site in sites}) != len(sites):
        raise ValueError("教学点地址不得重复")
    return sites


class SiteClosing(BaseModel):
    """From which day nobody teaches at a site any more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    closed_on: IsoDate


class InstitutionFiling(BaseModel):
    """What a department files to enter an institution in the register.

    Without a licence it is an application for a new institution, which 方案任务19 may have stopped.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    uscc: Uscc
    kind: InstitutionKind
    stages: Stages
    mode: TeachingMode
    town: Town
    licence: LicenceFiling | None = None
    sites: Annotated[
        list[SiteFiling], Field(max_length=20), AfterValidator(_one_site_an_address)
    ] = []

    def particulars(self) -> Particulars:
        """Return what it says."""
        return Particulars(
            name=self.name,
            uscc=self.uscc,
            kind=self.kind,
            stages=tuple(self.stages),
            mode=self.mode,
            town=self.town,
            licence=None if self.licence is None else self.licence.licence(),
            places=tuple(site.place() for site in self.sites),
        )


class RevocationFiling(BaseModel):
    """From which day an institution has no licence any more, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    revoked_on: IsoDate
    reason: Reason
