"""Routes of institutions: entering, reading, listing, revoking."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import StringConstraints

from services.registry.api.bodies import InstitutionFiling, RevocationFiling, Town
from services.registry.api.deps import AsOf, InstitutionPath, RoomsDep, check_past, check_town
from services.registry.api.views import InstitutionPage, InstitutionView, institution_view
from services.registry.app.changing import InstitutionMoving
from services.registry.app.register_institution import NewIds, register_institution
from services.registry.app.revoke_institution import revoke_institution
from services.registry.domain.institution import (
    InstitutionNotFound,
    InstitutionRegisteredOtherwise,
    InstitutionRevokedOtherwise,
    Revocation,
)
from services.registry.domain.licence import LicenceNotYetIssued, LicenceState
from services.registry.domain.social_credit_code import SocialCreditCodeNotValid
from services.registry.domain.stops import NewInstitutionStopped
from services.registry.store.asked import Asked
from shared.access.enforcement import CallerDep
from shared.access.scopes import TOWN_CODES
from shared.audit.log import Who
from shared.city_time import city_date
from shared.contracts.registry import InstitutionKind, InstitutionStatus, Stage
from shared.errors import Forbidden, Malformed, Unauthenticated
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.ids import new_id
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after
from shared.plain_text import ONE_LINE
from shared.problem import responses

router = APIRouter(prefix="/v1/institutions", tags=["培训机构"])

NamePart = Annotated[
    str | None,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=ONE_LINE),
    Query(description="A part of the name, literally."),
]


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
            NewInstitutionStopped,
            LicenceNotYetIssued,
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
    """登记培训机构，主管部门由类别确定。

    未附办学许可证的按新设申请处理：方案任务19已停止审批的，拒绝并列明依据；已有机构须附停止审批之前发放的许可证。
    """
    response.status_code = HTTPStatus.OK

    async def work() -> InstitutionView:
        now = rooms.now()
        institution, new = await register_institution(
            filing.particulars(),
            stops=rooms.stops,
            institutions=rooms.institutions,
            ids=NewIds(institution=new_id(), sites=tuple(new_id() for _ in filing.sites)),
            who=Who.of(caller),
            now=now,
        )
        rooms.committed()
        if new:
            response.status_code = HTTPStatus.CREATED
        return institution_view(institution, at=now)

    answer = await once.after(InstitutionView, work)
    response.headers["Location"] = f"{router.prefix}/{answer.institution_id}"
    return answer


@router.get("", responses=responses(Unauthenticated, Forbidden, Malformed))
async def list_institutions(  # noqa: PLR0913 - the filters of a list are its query parameters
    caller: CallerDep,
    rooms: RoomsDep,
    *,
    kind: InstitutionKind | None = None,
    town: Annotated[
        Town | None, Query(description="Where it is registered, or where it teaches.")
    ] = None,
    status: InstitutionStatus | None = None,
    stage: Stage | None = None,
    licence_state: LicenceState | None = None,
    name: NamePart = None,
    as_of: AsOf = None,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> InstitutionPage:
    """列出培训机构，最新登记的在前；镇（街道）只见本辖区的，机构只见自己；as_of 按当时登记答复。"""
    now = rooms.now()
    check_past(as_of, now)
    at = as_of or now
    asked = Asked(
        today=city_date(at),
        kind=kind,
        town=town,
        status=status,
        stage=stage,
        licence_state=licence_state,
        name=name,
        seen_by_town=caller.office if caller.office in TOWN_CODES else None,
        only=caller.institution if caller.role == "institution" else None,
        before=before_of(cursor),
        limit=limit,
    )
    if as_of is None:
        found = await rooms.institutions.page(asked)
    else:
        found = await rooms.institutions.history.page(asked, as_of=as_of)
    return InstitutionPage(
        institutions=[institution_view(each, at=at) for each in found],
        next_cursor=cursor_after([each.institution_id for each in found], limit=limit),
    )


@router.get(
    "/{institution_id}",
    responses=responses(Unauthenticated, Forbidden, InstitutionNotFound, Malformed),
)
async def read_institution(
    institution_id: InstitutionPath, caller: CallerDep, rooms: RoomsDep, as_of: AsOf = None
) -> InstitutionView:
    """返回一个机构；机构只能查询自己，镇（街道）只能查询本辖区的；as_of 按当时的登记答复。"""
    now = rooms.now()
    check_past(as_of, now)
    if as_of is None:
        institution = await rooms.institutions.get(institution_id)
    else:
        institution = await rooms.institutions.history.get(institution_id, as_of=as_of)
    check_town(caller, institution)
    return institution_view(institution, at=as_of or now)


@router.post(
    "/{institution_id}/revoke",
    responses=responses(
        Unauthenticated,
        Forbidden,
        InstitutionNotFound,
        InstitutionRevokedOtherwise,
        InstitutionMoving,
    ),
)
async def post_revocation(
    institution_id: InstitutionPath,
    filing: RevocationFiling,
    caller: CallerDep,
    rooms: RoomsDep,
) -> InstitutionView:
    """注销一个机构；同样的注销再次提交，答复相同。"""
    now = rooms.now()
    institution = await revoke_institution(
        institution_id,
        revocation=Revocation(revoked_on=filing.revoked_on, reason=filing.reason),
        institutions=rooms.institutions,
        who=Who.of(caller),
        now=now,
    )
    rooms.committed()
    return institution_view(institution, at=now)
