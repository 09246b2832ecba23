"""Routes with which the department in charge keeps licence and sites of an institution."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.registry.api.bodies import LicenceFiling, SiteClosing, SiteFiling
from services.registry.api.deps import InstitutionPath, RoomsDep
from services.registry.api.views import InstitutionView, SiteView, institution_view, site_view
from services.registry.app.changing import InstitutionMoving
from services.registry.app.close_site import close_site
from services.registry.app.open_site import open_site
from services.registry.app.renew_licence import renew_licence
from services.registry.domain.institution import (
    InstitutionIsRevoked,
    InstitutionNotFound,
    NotInCharge,
)
from services.registry.domain.licence import LicenceNotYetIssued, LicenceSuperseded
from services.registry.domain.site import (
    Site,
    SiteClosedOtherwise,
    SiteEnteredOtherwise,
    SiteNotFound,
    TooManySites,
)
from services.registry.domain.stops import NewInstitutionStopped
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.contracts.registry import InstitutionId
from shared.errors import Unauthenticated
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.ids import new_id
from shared.problem import responses

router = APIRouter(prefix="/v1/institutions/{institution_id}", tags=["许可证与教学点"])

SitePath = Annotated[InstitutionId, Path(description="The site's own id.")]
_CHANGING = (Unauthenticated, NotInCharge, InstitutionNotFound, InstitutionMoving)


@router.put(
    "/licence",
    responses=responses(
        *_CHANGING,
        InstitutionIsRevoked,
        LicenceSuperseded,
        LicenceNotYetIssued,
        NewInstitutionStopped,
    ),
)
async def put_licence(
    institution_id: InstitutionPath, filing: LicenceFiling, caller: CallerDep, rooms: RoomsDep
) -> InstitutionView:
    """登记首次发放、换发或延期的办学许可证；同样的许可证再次提交不改变什么。"""
    now = rooms.now()
    try:
        institution = await renew_licence(
            institution_id,
            licence=filing.licence(),
            stops=rooms.stops,
            institutions=rooms.institutions,
            who=Who.of(caller),
            now=now,
        )
    except (LicenceNotYetIssued, NewInstitutionStopped) as refusal:
        refusal.fields = _within_licence(refusal.fields)
        raise
    rooms.committed()
    return institution_view(institution, at=now)


@router.post(
    "/sites",
    status_code=201,
    responses={
        200: {"model": SiteView, "description": "The same site is open already."},
        **responses(
            *_CHANGING,
            InstitutionIsRevoked,
            SiteEnteredOtherwise,
            TooManySites,
            KeyedRequestRunning,
            KeyReused,
        ),
    },
)
async def post_site(
    institution_id: InstitutionPath,
    filing: SiteFiling,
    caller: CallerDep,
    rooms: RoomsDep,
    once: OnceDep,
    response: Response,
) -> SiteView:
    """增设教学点；同一地址的教学点未关闭时再次提交，答复相同。"""
    response.status_code = HTTPStatus.OK

    async def work() -> SiteView:
        institution, new = await open_site(
            institution_id,
            Site(site_id=new_id(), place=filing.place()),
            institutions=rooms.institutions,
            who=Who.of(caller),
            now=rooms.now(),
        )
        rooms.committed()
        if new:
            response.status_code = HTTPStatus.CREATED
        return site_view(institution.site_at(filing.address))

    return await once.after(SiteView, work)


@router.post(
    "/sites/{site_id}/close",
    responses=responses(*_CHANGING, SiteNotFound, SiteClosedOtherwise),
)
async def post_site_closing(
    institution_id: InstitutionPath,
    site_id: SitePath,
    filing: SiteClosing,
    caller: CallerDep,
    rooms: RoomsDep,
) -> SiteView:
    """关闭教学点；同一日期再次提交，答复相同。"""
    institution = await close_site(
        institution_id,
        site_id,
        closed_on=filing.closed_on,
        institutions=rooms.institutions,
        who=Who.of(caller),
        now=rooms.now(),
    )
    rooms.committed()
    return site_view(institution.site(site_id))


def _within_licence(fields: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return what is wrong with the licence, in a body that is the licence and nothing more."""
    inside = "/licence"
    return tuple(
        (pointer.removeprefix(inside), said)
        for pointer, said in fields
        if pointer.startswith(inside)
    )
