"""Differences between a bank's statements and its reports, and what is said of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.fund_monitor.api.banks import BankCode
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.domain.reconciliation import Kind
from services.fund_monitor.store.differences import DifferenceEnded, DifferenceNotFound, State
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.mongo import Row
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after

router = APIRouter(
    prefix="/v1/banks",
    tags=["对账"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)


class DifferenceView(BaseModel):
    """One difference, whose it is to explain, and until when."""

    difference_id: str
    bank: str
    account_no: str
    business_day: date
    kind: Kind
    stated_fen: int | None
    reported_fen: int | None
    owner: Literal["bank"]
    state: State
    found_at: datetime
    due_at: datetime
    provisional: bool
    overdue: bool
    reason: str | None = None


class DifferencePage(BaseModel):
    """A page of differences."""

    differences: list[DifferenceView]
    next_cursor: str | None = None


class DifferenceAnswer(BaseModel):
    """What is said of a difference. A bank explains; only an office resolves."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["explained", "resolved"]
    reason: str = Field(min_length=2, max_length=500)


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
    """列出对账差异，可按对账日、状态、种类筛选。"""
    asked = filters.asked()
    found = await rooms.differences.page(bank, asked, after=before_of(cursor), limit=limit)
    return DifferencePage(
        differences=[_view(row, rooms.now()) for row in found],
        next_cursor=cursor_after([row["_id"] for row in found], limit=limit),
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
    # Nothing is late by a calendar that is still an estimate.
    waits = row["state"] == "open" and not row["provisional"]
    return DifferenceView(
        difference_id=row["_id"],
        bank=row["bank"],
        account_no=row["account"].partition("|")[2],
        business_day=row["day"],
        kind=row["kind"],
        stated_fen=row["stated_fen"],
        reported_fen=row["reported_fen"],
        owner=row["owner"],
        state=row["state"],
        found_at=row["found_at"],
        due_at=row["due_at"],
        provisional=row["provisional"],
        overdue=waits and now >= row["due_at"],
        reason=row.get("reason"),
    )
