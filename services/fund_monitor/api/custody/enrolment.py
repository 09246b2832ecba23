"""Custody enrolment (托管覆盖率): the rate, and the institutions that have no account."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.fund_monitor.api.deps import Rooms, RoomsDep
from services.fund_monitor.app.custody.custody_enrolment import custody_enrolment
from services.fund_monitor.domain.custody.enrolment import Enrolled, Share, share_of, shares_by
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.scopes import TOWN_CODES
from shared.access.tokens import Caller
from shared.city_time import city_date
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.paging import USUAL_LIMIT, Limit

router = APIRouter(
    prefix="/v1/custody-enrolment",
    tags=["托管账户"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)


class ShareView(BaseModel):
    """How many of some institutions keep their fees in a confirmed account."""

    name: str
    active: int
    confirmed: int
    exempt: int = Field(description="先上课后收费，不计入应托管的机构")
    missing: int
    rate_per_mille: int | None = Field(description="托管覆盖率，千分之几，不足一的舍去")


class EnrolmentView(BaseModel):
    """The rate of all, and by what institutions differ in."""

    all: ShareView
    by_kind: list[ShareView]
    by_town: list[ShareView]
    by_competent_department: list[ShareView]


class MissingView(BaseModel):
    """An active institution without a confirmed account."""

    institution_id: str
    name: str
    kind: str
    town: str
    competent_department: str


class MissingPage(BaseModel):
    """A page of institutions without a confirmed account, in order of id."""

    institutions: list[MissingView]
    next_cursor: str | None = None


@router.get("")
async def read_enrolment(caller: CallerDep, rooms: RoomsDep) -> EnrolmentView:
    """托管覆盖率：在册机构中有已确认账户的比例，按类别、镇（街道）和主管部门分列。"""
    found = await _enrolled(caller, rooms)
    return EnrolmentView(
        all=_share(share_of("all", found)),
        by_kind=[_share(share) for share in shares_by("kind", found)],
        by_town=[_share(share) for share in shares_by("town", found)],
        by_competent_department=[
            _share(share) for share in shares_by("competent_department", found)
        ],
    )


@router.get("/missing")
async def list_missing(
    caller: CallerDep,
    rooms: RoomsDep,
    cursor: Annotated[
        InstitutionId | None, Query(description="`next_cursor` of the page before.")
    ] = None,
    limit: Limit = USUAL_LIMIT,
) -> MissingPage:
    """列出没有已确认账户的在册机构；先上课后收费的不在其中。"""
    after = cursor or ""
    missing = [
        each
        for each in await _enrolled(caller, rooms)
        if each.place == "missing" and each.institution_id > after
    ][:limit]
    return MissingPage(
        institutions=[_missing(each) for each in missing],
        next_cursor=missing[-1].institution_id if len(missing) == limit else None,
    )


async def _enrolled(caller: Caller, rooms: Rooms) -> list[Enrolled]:
    where = {}
    if caller.role == "institution":
        where["_id"] = caller.institution or ""
    elif caller.office in TOWN_CODES:
        where["town"] = caller.office or ""
    return await custody_enrolment(
        where,
        today=city_date(rooms.now()),
        filings=rooms.accounts.filings,
        events=rooms.accounts.events,
        institutions=rooms.accounts.institutions,
    )


def _share(share: Share) -> ShareView:
    return ShareView(
        name=share.name,
        active=share.active,
        confirmed=share.confirmed,
        exempt=share.exempt,
        missing=share.missing,
        rate_per_mille=share.rate_per_mille,
    )


def _missing(each: Enrolled) -> MissingView:
    return MissingView(
        institution_id=each.institution_id,
        name=each.name,
        kind=each.kind,
        town=each.town,
        competent_department=each.competent_department,
    )
