"""What a bank is told of its events, behind a cursor that never skips."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.fund_monitor.api.banks.banks import BankCode
from services.fund_monitor.api.deps import RoomsDep
from shared import problem
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.paging import cursor_to_version, version_of

router = APIRouter(
    prefix="/v1/banks",
    tags=["银行"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)

_BEGINNING = 0


class EventOutcomeView(BaseModel):
    """What became of one event; another comes whenever its standing changes."""

    status: Literal["posted", "parked", "set_aside", "conflict", "refused"] = Field(
        description="已入账、挂起、搁置、标识冲突或拒收"
    )
    serial_no: str | None = Field(default=None, description="流水号；拒收且未能读出时没有")
    account_no: str | None = Field(default=None, description="账号；拒收且未能读出时没有")
    booked_on: str | None = Field(default=None, description="记账日期")
    entry_no: str | None = Field(default=None, description="分录号")
    feed_no: int | None = Field(default=None, description="银行连续编号")
    first_feed_no: int | None = Field(default=None, description="同一事件改号重报时，先前的编号")
    occurred_at: datetime | None = Field(default=None, description="业务发生时间；拒收时没有")
    reason: str | None = Field(default=None, description="未入账的原因")
    digest: str = Field(description="报送内容的摘要，据以区分同一标识下的不同内容")
    problems: list[dict[str, str]] = Field(default_factory=list, description="拒收的各项问题")
    told_at: datetime = Field(description="得出此结果的时间")


class OutcomePage(BaseModel):
    """A page of outcomes; ``next_cursor`` is always there, and may be asked again later."""

    outcomes: list[EventOutcomeView]
    next_cursor: str = Field(description="下次以 after 带上；没有新结果时与所给相同")


@router.get("/{bank}/outcomes")
async def list_outcomes(
    bank: BankCode,
    rooms: RoomsDep,
    after: Annotated[
        str | None, Query(max_length=64, description="上一页的 next_cursor；不给则从头开始")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> OutcomePage:
    """按固定顺序逐页读取入账结果，不漏不重。

    晚提交的结果总排在已发出的所有游标之后；事件的状态以后变化时（如挂起转为入账、被更早的事件取代）
    另有一条新结果，同一事件以最后一条为准。页中结果少于 limit 即暂时读完，稍后以同一游标再读。
    """
    place = _BEGINNING if after is None else version_of(after)
    found = await rooms.outcomes.after(bank, place, limit=limit)
    last = found[-1]["place"] if found else place
    return OutcomePage(
        outcomes=[EventOutcomeView.model_validate(row) for row in found],
        next_cursor=cursor_to_version(last),
    )
