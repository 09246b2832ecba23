"""Routes of institutions, with what they take and what they answer."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

from services.registry.api.deps import RoomsDep
from services.registry.app.register_institution import register_institution
from services.registry.app.revoke_institution import revoke_institution
from services.registry.domain.competence import competence_reason
from services.registry.domain.institution import (
    Institution,
    InstitutionNotFound,
    InstitutionRegisteredOtherwise,
    InstitutionRevokedOtherwise,
    Particulars,
    Revocation,
)
from services.registry.domain.social_credit_code import SocialCreditCodeNotValid
from shared.access.enforcement import CallerDep
from shared.access.scopes import TOWN_CODES
from shared.audit.log import Who
from shared.contracts.registry import (
    InstitutionId,
    InstitutionKind,
    InstitutionStatus,
    Stage,
    TeachingMode,
    Uscc,
)
from shared.errors import Forbidden, Unauthenticated
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.ids import new_id
from shared.iso_date import IsoDate
from shared.plain_text import ONE_LINE
from shared.problem import responses

router = APIRouter(prefix="/v1/institutions", tags=["培训机构"])


def _a_town(code: str) -> str:
    if code not in TOWN_CODES:
        raise ValueError("不是本市镇（街道）的代码")
    return code


def _without_repeats(stages: list[Stage]) -> list[Stage]:
    if len(set(stages)) != len(stages):
        raise ValueError("学段不得重复")
    return stages


# A reason may have line breaks, a name may not.
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=ONE_LINE),
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


class InstitutionFiling(BaseModel):
    """What a department files to enter an institution in the register."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    uscc: Uscc
    kind: InstitutionKind
    stages: Stages
    mode: TeachingMode
    town: Town


class RevocationFiling(BaseModel):
    """From which day an institution has no licence any more, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    revoked_on: IsoDate
    reason: Reason


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
    revoked_on: date | None
    revocation_reason: str | None


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": InstitutionView, "description": "The same filing came before."},
        **responses(
            Unauthenticated,
            Forbidden,
            InstitutionRegisteredOtherwise,
            SocialCreditCodeNotValid,
            KeyedRequestRunning,
            KeyReused,
        ),
    },
)
async def post_institution(
    filing: InstitutionFiling,
    caller: CallerDep,
    rooms: RoomsDep,
    once: OnceDep,
    response: Response,
) -> InstitutionView:
    """Enter an institution in the register; the department in charge follows from its kind."""
    response.status_code = HTTPStatus.OK

    async def work() -> InstitutionView:
        institution, new = await register_institution(
            _particulars(filing),
            institutions=rooms.institutions,
            institution_id=new_id(),
            who=Who.of(caller),
            now=rooms.now(),
        )
        rooms.committed()
        if new:
            response.status_code = HTTPStatus.CREATED
        return _view(institution)

    answer = await once.after(InstitutionView, work)
    response.headers["Location"] = f"{router.prefix}/{answer.institution_id}"
    return answer


@router.get(
    "/{institution_id}", responses=responses(Unauthenticated, Forbidden, InstitutionNotFound)
)
async def read_institution(
    institution_id: Annotated[InstitutionId, Path()], caller: CallerDep, rooms: RoomsDep
) -> InstitutionView:
    """Return one institution; an institution reads only itself, a town only its own."""
    institution = await rooms.institutions.get(institution_id)
    if caller.office in TOWN_CODES and caller.office != institution.particulars.town:
        raise Forbidden("镇（街道）只能查询本辖区的培训机构")
    return _view(institution)


@router.post(
    "/{institution_id}/revoke",
    responses=responses(
        Unauthenticated, Forbidden, InstitutionNotFound, InstitutionRevokedOtherwise
    ),
)
async def post_revocation(
    institution_id: Annotated[InstitutionId, Path()],
    filing: RevocationFiling,
    caller: CallerDep,
    rooms: RoomsDep,
) -> InstitutionView:
    """Revoke an institution; the same filing again answers the same."""
    revocation = Revocation(revoked_on=filing.revoked_on, reason=filing.reason)
    institution = await revoke_institution(
        institution_id,
        revocation=revocation,
        institutions=rooms.institutions,
        who=Who.of(caller),
        now=rooms.now(),
    )
    rooms.committed()
    return _view(institution)


def _particulars(filing: InstitutionFiling) -> Particulars:
    return Particulars(
        name=filing.name,
        uscc=filing.uscc,
        kind=filing.kind,
        stages=tuple(filing.stages),
        mode=filing.mode,
        town=filing.town,
    )


def _view(institution: Institution) -> InstitutionView:
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
        revoked_on=None if revocation is None else revocation.revoked_on,
        revocation_reason=None if revocation is None else revocation.reason,
    )
