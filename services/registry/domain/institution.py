"""An institution of the register and what can happen to it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.registry.domain.competence import Kind, competent_department
from shared.errors import Conflict, NotFound

Stage = Literal["preschool", "compulsory", "senior_secondary"]
Mode = Literal["offline", "online"]
Status = Literal["active", "revoked"]


class InstitutionNotFound(NotFound):
    """The register has no institution with this id."""

    code = "institution-not-found"
    title = "没有该培训机构"


class InstitutionRegisteredOtherwise(Conflict):
    """The register already knows this 统一社会信用代码, with other particulars."""

    code = "institution-registered-otherwise"
    title = "该统一社会信用代码已以不同内容登记"


class InstitutionRevokedOtherwise(Conflict):
    """The institution is already revoked, on another date or for another reason."""

    code = "institution-revoked-otherwise"
    title = "该培训机构已以不同日期或原因注销"


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What a department files about an institution."""

    name: str
    uscc: str
    kind: Kind
    stages: tuple[Stage, ...]
    mode: Mode
    town: str

    def same_as(self, other: "Particulars") -> bool:
        """Tell whether both say the same; the order of stages says nothing."""
        in_one_order = replace(other, stages=self.stages)
        return self == in_one_order and set(self.stages) == set(other.stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """From which day an institution has no licence any more, and why."""

    revoked_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """An institution as the register knows it; ``version`` counts its changes from 1."""

    institution_id: str
    version: int
    particulars: Particulars
    revocation: Revocation | None = None

    @property
    def status(self) -> Status:
        """Whether the institution is licensed."""
        return "active" if self.revocation is None else "revoked"

    @property
    def competent_department(self) -> str:
        """The department in charge of this institution."""
        return competent_department(self.particulars.kind)

    def revoked(self, revocation: Revocation) -> "Institution":
        """Return the institution without its licence; the same revocation again changes nothing."""
        if self.revocation == revocation:
            return self
        if self.revocation is not None:
            raise InstitutionRevokedOtherwise(
                f"该机构已于{self.revocation.revoked_on.isoformat()}注销，日期或原因与本次不同。"
            )
        return replace(self, version=self.version + 1, revocation=revocation)


def register(
    particulars: Particulars, *, institution_id: str, known: Institution | None
) -> Institution:
    """Return the first version of an institution, or the one known by the same filing."""
    if known is None:
        return Institution(institution_id=institution_id, version=1, particulars=particulars)
    if not known.particulars.same_as(particulars):
        raise InstitutionRegisteredOtherwise(
            f"统一社会信用代码{particulars.uscc}已登记，登记内容与本次不同；变更登记须另行办理。"
        )
    return known
