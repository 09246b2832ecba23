"""What does not agree in a bank's statements and in its feed, and what is said of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.fund_monitor.api.banks.banks import BankCode
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.domain.statements.reconciliation import Kind, Owner
from services.fund_monitor.store.banks.difference_changes import Change, shown
from services.fund_monitor.store.statements.difference_rows import State
from services.fund_monitor.store.statements.differences import DifferenceEnded, DifferenceNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.mongo import Row
from shared.paging import (
    USUAL_LIMIT,
    Cursor,
    Limit,
    before_of,
    cursor_after,
    cursor_to_version,
    version_of,
)

router = APIRouter(
    prefix="/v1/banks",
    tags=["对账"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)


class DifferenceView(BaseModel):
    """One difference, whose it is to explain, and until when."""

    difference_id: str = Field(description="差异编号；同一账户、日期和内容的总是同一个")
    bank: str = Field(description="银行代码")
    account_no: str | None = Field(description="账号；全行连续编号的缺号没有")
    business_day: date = Field(description="账务日；缺号为发现的日期")
    kind: Kind = Field(description="种类")
    stated_fen: int | None = Field(description="对账文件或银行所报余额（分）")
    reported_fen: int | None = Field(description="按报送事件应有的金额或余额（分）")
    event: str | None = Field(default=None, description="不符的事件")
    event_before: str | None = Field(
        default=None, description="余额链中此前一笔；同号的两笔中先到的一笔"
    )
    first_no: int | None = Field(
        default=None, description="缺号区间的首号；重复的编号；一笔两号中先报的编号"
    )
    last_no: int | None = Field(
        default=None, description="缺号区间的末号（含）；一笔两号中后报的编号"
    )
    owner: Owner = Field(description="由银行（bank）或本系统（fund_monitor）查明")
    state: State = Field(description="等待晚到事件、待说明、已说明、已了结、不再不符而关闭")
    found_at: datetime = Field(description="发现的时间；期限自此计")
    due_at: datetime | None = Field(description="说明期限；waiting（等待晚到事件）时没有")
    provisional: bool = Field(description="期限按尚未公布的日历估计，不计逾期")
    overdue: bool = Field(description="已过期限而未说明")
    reason: str | None = Field(default=None, description="说明或了结的理由")


class DifferencePage(BaseModel):
    """A page of differences."""

    differences: list[DifferenceView]
    next_cursor: str | None = None


class DifferenceChangeView(DifferenceView):
    """One change of a difference, and how it stood right after it."""

    change: Change = Field(description="发现、变化、说明、了结、逾期、关闭")
    told_at: datetime = Field(description="得出此变化的时间")


class DifferenceChangePage(BaseModel):
    """A page of changes; ``next_cursor`` is always there, and may be asked again later."""

    differences: list[DifferenceChangeView]
    next_cursor: str = Field(description="下次以 after 带上；没有新变化时与所给相同")


class DifferenceAnswer(BaseModel):
    """What is said of a difference. A bank explains; only an office resolves."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["explained", "resolved"] = Field(
        description="explained 说明；resolved 了结，只由部门填报"
    )
    reason: str = Field(min_length=2, max_length=500, description="理由")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which differences are asked for."""

    business_day: Annotated[date | None, Query()] = None
    state: Annotated[State | None, Query()] = None
    kind: Annotated[Kind | None, Query()] = None

    def asked(self) -> Row:
        """Return what the documents must hold."""
        day = None if self.business_day is None else self.business_day.isoformat()
        given = {"day": day, "state": self.state, "kind": self.kind}
        return {name: value for name, value in given.items() if value is not None}


@router.get("/{bank}/differences")
async def list_differences(
    bank: BankCode,
    rooms: RoomsDep,
    filters: Annotated[Filters, Depends()],
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> DifferencePage:
    """列出差异：对账文件、缺号、余额不符。可按日期、状态、种类筛选；等待晚到事件的（waiting）另查。"""
    asked = filters.asked()
    found = await rooms.differences.page(bank, asked, after=before_of(cursor), limit=limit)
    return DifferencePage(
        differences=[_view(row, rooms.now()) for row in found],
        next_cursor=cursor_after([row["_id"] for row in found], limit=limit),
    )


@router.get("/{bank}/difference-changes")
async def list_difference_changes(
    bank: BankCode,
    rooms: RoomsDep,
    after: Annotated[
        str | None, Query(max_length=64, description="上一页的 next_cursor；不给则从头开始")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> DifferenceChangePage:
    """按固定顺序逐页读取差异的变化，不漏不重；与推送的内容、次序和游标相同。"""
    place = 0 if after is None else version_of(after)
    found = await rooms.difference_changes.after(bank, place, limit=limit)
    return DifferenceChangePage(
        differences=[DifferenceChangeView.model_validate({**row, "bank": bank}) for row in found],
        next_cursor=cursor_to_version(found[-1]["place"] if found else place),
    )


@router.post(
    "/{bank}/differences/{difference_id}/answer",
    responses=problem.responses(DifferenceNotFound, DifferenceEnded),
)
async def answer_difference(
    bank: BankCode,
    difference_id: Annotated[str, Path(max_length=36)],
    answer: DifferenceAnswer,
    caller: CallerDep,
    rooms: RoomsDep,
) -> DifferenceView:
    """说明或了结一条差异，须写明理由；银行只能说明，了结由部门决定。"""
    if caller.role == "bank" and answer.state == "resolved":
        raise Forbidden("银行只能说明差异，了结须由部门决定")
    now = rooms.now()
    said: Row = {"state": answer.state, "reason": answer.reason, "answered_at": now}
    row = await rooms.differences.answer(bank, difference_id, said, who=Who.of(caller))
    return _view(row, now)


def _view(row: Row, now: datetime) -> DifferenceView:
    return DifferenceView(bank=row["bank"], **shown(row, now))
