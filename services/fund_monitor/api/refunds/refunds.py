"""Refunds: asked for, answered by the institution, decided by its department, and read."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from services.fund_monitor.api.contracts.contracts import may_file, may_read
from services.fund_monitor.api.deps import Rooms, RoomsDep
from services.fund_monitor.api.refunds.refund_bodies import (
    RefundAnswer,
    RefundDecision,
    RefundFileView,
    RefundPage,
    RefundRequest,
    RefundView,
    file_view,
    refund_view,
)
from services.fund_monitor.app.refunds.refunds import (
    Request,
    Said,
    answer_refund,
    ask_refund,
    contract_of,
    decide_refund,
)
from services.fund_monitor.domain.contracts.filing import InstitutionUnknown
from services.fund_monitor.domain.refunds.refund import (
    Refund,
    RefundAskedOtherwise,
    RefundOpen,
    RefundStands,
    RefundTooMuch,
    RequestedLater,
    State,
)
from services.fund_monitor.store.contracts.contracts import ContractNotFound
from services.fund_monitor.store.refunds.refunds import RefundNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.mongo import Session, transact
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after

router = APIRouter(
    tags=["退费"], responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable)
)

_REFUND: Final = "/v1/refunds/{refund_id}"
RefundId = Annotated[str, Path(max_length=64)]
_ANSWERED: Final = problem.responses(
    RefundNotFound, RefundStands, ContractNotFound, InstitutionUnknown
)


@router.post(
    "/v1/refunds",
    status_code=201,
    responses={
        200: {"model": RefundView, "description": "The same refund was asked for before."},
        **problem.responses(
            ContractNotFound, InstitutionUnknown, RefundAskedOtherwise, RefundOpen, RequestedLater
        ),
    },
)
async def post_refund(
    body: RefundRequest, caller: CallerDep, rooms: RoomsDep, response: Response
) -> RefundView:
    """申请退费：同一合同同一日重复提交结果相同；机构5个工作日内未答复视为同意。"""
    desk = rooms.refunds
    await _may_ask(caller, body, rooms)
    said = Said(Who.of(caller), rooms.now(), body.reason)
    request = Request(
        institution_id=body.institution_id,
        contract_no=body.contract_no,
        requested_on=body.requested_on,
        amount_fen=body.amount_fen,
    )

    async def work(session: Session) -> tuple[Refund, bool]:
        return await ask_refund(request, desk=desk, said=said, session=session)

    refund, new = await transact(desk.db, work)
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/v1/refunds/{refund.id}"
    return refund_view(refund)


@router.get("/v1/refunds")
async def list_refunds(
    caller: CallerDep,
    rooms: RoomsDep,
    institution_id: Annotated[InstitutionId, Query()],
    state: Annotated[State | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> RefundPage:
    """一家机构的退费申请，最近收到的在前。"""
    may_read(caller, institution_id)
    asked = {"institution_id": institution_id, **({} if state is None else {"state": state})}
    found = await rooms.refunds.refunds.page(asked, before=before_of(cursor), limit=limit)
    return RefundPage(
        refunds=[refund_view(one) for one in found],
        next_cursor=cursor_after([one.id for one in found], limit=limit),
    )


@router.get(_REFUND, responses=problem.responses(RefundNotFound))
async def read_refund(refund_id: RefundId, caller: CallerDep, rooms: RoomsDep) -> RefundFileView:
    """一件退费申请及其办理经过。"""
    found = await rooms.refunds.refunds.find(refund_id)
    may_read(caller, found.refund.institution_id)
    return file_view(found)


@router.post(f"{_REFUND}/agree", responses=_ANSWERED)
async def agree(
    refund_id: RefundId, body: RefundAnswer, caller: CallerDep, rooms: RoomsDep
) -> RefundView:
    """机构同意退费：应退金额为申请金额，以当时可退金额为限。"""
    return await _answer(refund_id, body, caller, rooms, agree=True)


@router.post(f"{_REFUND}/object", responses=_ANSWERED)
async def object_to(
    refund_id: RefundId, body: RefundAnswer, caller: CallerDep, rooms: RoomsDep
) -> RefundView:
    """机构不同意退费：由主管部门决定。"""
    return await _answer(refund_id, body, caller, rooms, agree=False)


@router.post(f"{_REFUND}/decide", responses={**_ANSWERED, **problem.responses(RefundTooMuch)})
async def decide(
    refund_id: RefundId, body: RefundDecision, caller: CallerDep, rooms: RoomsDep
) -> RefundView:
    """主管部门在机构不同意后决定退还金额，不超过合同未退还的本金。"""
    desk = rooms.refunds
    found = await desk.refunds.find(refund_id)
    await may_file(caller, found.refund.institution_id, desk=rooms.contracts)
    said = Said(Who.of(caller), rooms.now(), body.reason)

    async def work(session: Session) -> Refund:
        return await decide_refund(
            refund_id, body.amount_fen, desk=desk, said=said, session=session
        )

    return await _done(rooms, work)


async def _answer(
    refund_id: str, body: RefundAnswer, caller: Caller, rooms: Rooms, *, agree: bool
) -> RefundView:
    desk = rooms.refunds
    found = await desk.refunds.find(refund_id)
    may_read(caller, found.refund.institution_id)
    said = Said(Who.of(caller), rooms.now(), body.reason, body.consumed_fen)

    async def work(session: Session) -> Refund:
        return await answer_refund(refund_id, agree=agree, desk=desk, said=said, session=session)

    return await _done(rooms, work)


async def _done(rooms: Rooms, work: Callable[[Session], Awaitable[Refund]]) -> RefundView:
    return refund_view(await transact(rooms.refunds.db, work))


async def _may_ask(caller: Caller, body: RefundRequest, rooms: Rooms) -> None:
    """Let an institution ask, its department for a parent, and the platform of the contract."""
    if caller.role != "platform":
        await may_file(caller, body.institution_id, desk=rooms.contracts)
        return
    contract = await contract_of(body.institution_id, body.contract_no, rooms.refunds)
    if contract.platform != caller.platform:
        raise Forbidden("平台只能为本平台报送的合同申请退费")
