"""Dead letters over HTTP, the same in every service: what was set aside, and handling it again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from shared import problem
from shared.access.enforcement import CallerDep
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.kernel import Kernel
from shared.replay.desk import ReplayDesk
from shared.replay.letters import Asked, LetterNotFound, LetterState, LetterStore, ReplayTooWide
from shared.replay.views import AskedAgain, LetterDetail, LetterPage, LetterView, RangeRequest

_ID = r"^[A-Z_]{1,40}:[0-9]{1,15}$"
StreamName = Annotated[str, Query(pattern=r"^[A-Z_]{1,40}$", description="流名称")]
LetterId = Annotated[str, Path(pattern=_ID, description="流名称:序号")]


async def _asked(
    stream: StreamName | None = None,
    state: LetterState | None = None,
    cursor: Annotated[str | None, Query(pattern=_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Asked:
    name, _, sequence = (cursor or "").partition(":")
    return Asked(
        stream=stream, state=state, after=(name, int(sequence)) if cursor else None, limit=limit
    )


def dead_letters_router(kernel: Kernel) -> APIRouter:
    """Return the routes of a service's dead letters."""
    router = APIRouter(
        prefix="/v1/dead-letters",
        tags=["死信"],
        responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
    )
    letters, desk = LetterStore(kernel.db), ReplayDesk(kernel)

    @router.get("")
    async def list_letters(asked: Annotated[Asked, Depends(_asked)]) -> LetterPage:
        """列出被搁置的消息；只列元数据，不含正文。"""
        rows = await letters.page(asked)
        return LetterPage(
            letters=[LetterView.of(row) for row in rows],
            next_cursor=rows[-1]["_id"] if len(rows) == asked.limit else None,
        )

    @router.get("/{letter_id}", responses=problem.responses(LetterNotFound))
    async def read_letter(letter_id: LetterId, caller: CallerDep) -> LetterDetail:
        """查看一条死信；正文只给管理员看。"""
        row = await letters.get(letter_id)
        return LetterDetail.of(row).with_body(row["body"] if caller.role == "admin" else None)

    @router.post("/replay", responses=problem.responses(ReplayTooWide))
    async def replay_range(body: RangeRequest, caller: CallerDep) -> AskedAgain:
        """重放一段序号内的死信（首尾都含，最多 1000 条）；已经重放成功的不再处理。"""
        return AskedAgain(asked=await desk.ask_range(body, by=caller))

    @router.post("/{letter_id}/replay", responses=problem.responses(LetterNotFound))
    async def replay_letter(letter_id: LetterId, caller: CallerDep) -> LetterView:
        """重放一条死信：由工作进程交给原来拒收它的处理程序，结果记入 outcomes。"""
        return LetterView.of(await desk.ask(letter_id, by=caller))

    return router
