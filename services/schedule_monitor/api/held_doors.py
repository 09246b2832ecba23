"""The doors for held sessions: of platforms, signed, and of institutions and offices."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from services.schedule_monitor.api.deps import Rooms, RoomsDep
from services.schedule_monitor.api.held_fields import MOST_BYTES, body_schema, items_in
from services.schedule_monitor.api.held_views import (
    HeldResults,
    RefusedPage,
    refused_page,
    results_view,
)
from services.schedule_monitor.app.refuse_held import Batch
from services.schedule_monitor.app.take_held import take_held
from services.schedule_monitor.domain.held import Sender
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.scopes import TOWN_CODES
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.errors import Forbidden, Malformed, TooLarge, TooSlow, Unauthenticated, Unavailable
from shared.paging import MOST_PER_PAGE, USUAL_LIMIT
from shared.senders.lockout import LockedOut
from shared.senders.requests import SignedRequestDep

router = APIRouter(prefix="/v1", tags=["实际上课"])

_LONGEST_CURSOR = 256
RefusedCursor = Annotated[
    str, Query(max_length=_LONGEST_CURSOR, description="`next_cursor` of the page before.")
]
RefusedLimit = Annotated[int, Query(ge=1, le=MOST_PER_PAGE)]


@router.post(
    "/platforms/{platform}/sessions",
    response_model_exclude_none=True,
    openapi_extra=body_schema(),
    responses=problem.responses(
        TooLarge, TooSlow, Unauthenticated, LockedOut, Malformed, Unavailable
    ),
)
async def receive_sessions(
    platform: Annotated[str, Path(description="平台代码")],
    signed: SignedRequestDep,
    rooms: RoomsDep,
) -> HeldResults:
    """接收平台签名报送的上课记录，逐节答复；整批重发结果相同。"""
    read = await signed.read(platform, door=rooms.door, most_bytes=MOST_BYTES)
    with rooms.door.in_hand.take(len(read.body)):
        rooms.door.verify(platform, await rooms.platforms.find(platform), read)
        sender = Sender("platform", platform)
        who = Who(role="platform", office=platform)
        batch = Batch(sender=sender, items=items_in(read.body, sender), who=who, now=rooms.now())
        return await _taken(batch, rooms)


@router.get(
    "/platforms/{platform}/sessions/refused",
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)
async def list_refused_of_platform(
    platform: Annotated[str, Path(description="平台代码")],
    rooms: RoomsDep,
    cursor: RefusedCursor = "",
    limit: RefusedLimit = USUAL_LIMIT,
) -> RefusedPage:
    """列出平台被拒收的上课记录，每份内容一次。"""
    sender = Sender("platform", platform)
    rows = await rooms.held.held.refused(sender.key, after=cursor, limit=limit)
    return refused_page(rows, limit=limit)


@router.post(
    "/held-sessions",
    response_model_exclude_none=True,
    openapi_extra=body_schema(),
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)
async def post_held_sessions(request: Request, caller: CallerDep, rooms: RoomsDep) -> HeldResults:
    """报送上课记录：机构报送本机构的课，主管部门代报，镇（街道）报送现场检查；逐节答复。"""
    sender = sender_of(caller)
    batch = Batch(
        sender=sender,
        items=items_in(await request.body(), sender),
        who=Who.of(caller),
        now=rooms.now(),
        institution=sender.code if sender.kind == "institution" else None,
        town=sender.code if sender.kind == "town" else None,
    )
    return await _taken(batch, rooms)


@router.get(
    "/held-sessions/refused",
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)
async def list_refused(
    caller: CallerDep,
    rooms: RoomsDep,
    cursor: RefusedCursor = "",
    limit: RefusedLimit = USUAL_LIMIT,
) -> RefusedPage:
    """列出本单位被拒收的上课记录，每份内容一次；管理员查看全部。"""
    sender = None if caller.role == "admin" else sender_of(caller).key
    rows = await rooms.held.held.refused(sender, after=cursor, limit=limit)
    return refused_page(rows, limit=limit)


def sender_of(caller: Caller) -> Sender:
    """Return who a caller tells of sessions as: an institution, a town, or a department."""
    if caller.role == "institution" and caller.institution is not None:
        return Sender("institution", caller.institution)
    office = caller.office or "admin"
    return Sender("town" if office in TOWN_CODES else "department", office)


async def _taken(batch: Batch, rooms: Rooms) -> HeldResults:
    answers = await take_held(batch, desk=rooms.held)
    rooms.committed()
    return results_view(answers)
