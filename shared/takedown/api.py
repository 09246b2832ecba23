"""Requests over HTTP: the offices' routes, the same in every service that has them.

The application's state gives ``takedown_desk`` (a ``TakedownDesk``). What may be asked for is the
service's own: it has the route by which a request is drafted.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after
from shared.takedown.bodies import (
    PaperAnswerBody,
    RecheckBody,
    WithdrawalBody,
)
from shared.takedown.changes import (
    AnswerTimeRefused,
    ProofMissing,
    SecondPersonNeeded,
    TakedownAnsweredOtherwise,
    TakedownNotFound,
    TakedownNotInState,
)
from shared.takedown.desk import TakedownDesk
from shared.takedown.model import Hand, State, Takedown
from shared.takedown.store import Asked, TakedownChanged
from shared.takedown.views import TakedownPage, TakedownView, takedown_view

PREFIX = "/v1/takedowns"
TAGS = ["下架与停课要求"]
EVERYWHERE = (Unauthenticated, Forbidden, Malformed, Unavailable)
_ACTING = (*EVERYWHERE, TakedownNotFound, TakedownNotInState, TakedownChanged)

TakedownId = Annotated[str, Path(max_length=64, description="要求的编号")]


async def desk_of(request: Request) -> TakedownDesk:
    """Return the desk that was put on the application."""
    desk: TakedownDesk = request.app.state.takedown_desk
    return desk


DeskDep = Annotated[TakedownDesk, Depends(desk_of)]


def hand_of(caller: Caller) -> Hand:
    """Return who acts by a token."""
    if caller.role == "admin":
        return Hand("admin", None, caller.subject)
    return Hand("staff", caller.office, caller.subject)


def takedowns_router() -> APIRouter:
    """Return the offices' routes, but for the one that drafts."""
    router = APIRouter(prefix=PREFIX, tags=[*TAGS], responses=problem.responses(*EVERYWHERE))

    @router.get("")
    async def list_takedowns(  # noqa: PLR0913 - the filters of a list are its query parameters
        caller: CallerDep,
        desk: DeskDep,
        *,
        state: State | None = None,
        overdue: Annotated[bool | None, Query(description="期限已过而未答复")] = None,
        recipient: Annotated[str | None, Query(max_length=64, description="被要求方代码")] = None,
        cursor: Cursor = None,
        limit: Limit = USUAL_LIMIT,
    ) -> TakedownPage:
        """列出本部门经办或知会的下架、停课要求，最近的在前；管理员查看全部。"""
        hand = hand_of(caller)
        found = await desk.page(
            Asked(
                party=hand.office if hand.role == "staff" else None,
                recipient=recipient,
                state=state,
                overdue=overdue,
                before=before_of(cursor),
                limit=limit,
            )
        )
        return TakedownPage(
            takedowns=[_view(one, desk) for one in found],
            next_cursor=cursor_after([one.id for one in found], limit=limit),
        )

    @router.get("/{takedown_id}", responses=problem.responses(TakedownNotFound))
    async def read_takedown(
        takedown_id: TakedownId, caller: CallerDep, desk: DeskDep
    ) -> TakedownView:
        """查询一份要求：依据、期限、答复、复查和经过。"""
        return _view(await desk.read(takedown_id, by=hand_of(caller)), desk)

    @router.post("/{takedown_id}/send", responses=problem.responses(*_ACTING))
    async def send_takedown(
        takedown_id: TakedownId, caller: CallerDep, desk: DeskDep
    ) -> TakedownView:
        """送达一份拟好的要求；对方的期限自此起算。"""
        return _view(await desk.send(takedown_id, by=hand_of(caller)), desk)

    @router.post("/{takedown_id}/withdraw", responses=problem.responses(*_ACTING))
    async def withdraw_takedown(
        takedown_id: TakedownId, body: WithdrawalBody, caller: CallerDep, desk: DeskDep
    ) -> TakedownView:
        """撤回一份要求，并说明理由。"""
        return _view(await desk.withdraw(takedown_id, body.reason, by=hand_of(caller)), desk)

    @router.post("/{takedown_id}/acknowledge", responses=problem.responses(*_ACTING))
    async def acknowledge_takedown(
        takedown_id: TakedownId, caller: CallerDep, desk: DeskDep
    ) -> TakedownView:
        """登记对方已以书面方式签收。"""
        return _view(await desk.acknowledge(takedown_id, by=hand_of(caller)), desk)

    @router.post(
        "/{takedown_id}/answer",
        responses=problem.responses(
            *_ACTING, TakedownAnsweredOtherwise, ProofMissing, AnswerTimeRefused
        ),
    )
    async def enter_answer(
        takedown_id: TakedownId, body: PaperAnswerBody, caller: CallerDep, desk: DeskDep
    ) -> TakedownView:
        """录入对方的书面答复和材料摘要；须由另一人复查。"""
        return _view(await desk.answer(takedown_id, body.said(), by=hand_of(caller)), desk)

    @router.post(
        "/{takedown_id}/recheck",
        responses=problem.responses(*_ACTING, SecondPersonNeeded, ProofMissing),
    )
    async def recheck_takedown(
        takedown_id: TakedownId, body: RecheckBody, caller: CallerDep, desk: DeskDep
    ) -> TakedownView:
        """复查：通过则办结，未通过则重新要求并另起期限；录入答复的人不得复查。"""
        return _view(await desk.recheck(takedown_id, body.check(), by=hand_of(caller)), desk)

    return router


def _view(takedown: Takedown, desk: TakedownDesk) -> TakedownView:
    return takedown_view(takedown, desk.store.calendar)
