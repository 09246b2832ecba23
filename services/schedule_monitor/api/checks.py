"""Timetables checked before they are filed, and the receipts of such checks."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from services.schedule_monitor.api.deps import RoomsDep, may_ask_about, may_see, refused_at
from services.schedule_monitor.api.fields import Label, ReceiptNumber
from services.schedule_monitor.api.plans import PlanIn
from services.schedule_monitor.api.views import CheckView, check_view
from services.schedule_monitor.app.check_timetable import (
    Asked,
    check_timetable,
    find_receipt,
    keep_receipt,
)
from services.schedule_monitor.domain.judge import Verdict
from services.schedule_monitor.domain.pattern import ExceptionNotInPattern, NothingLeft
from services.schedule_monitor.domain.receipt import Receipt, ReceiptNotFound
from services.schedule_monitor.domain.timetable import InstitutionUnknown, TooManySessions
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Unauthenticated, Unavailable

router = APIRouter(
    prefix="/v1/timetables",
    tags=["课表"],
    responses=problem.responses(Unauthenticated, Forbidden, Unavailable),
)
REFUSED = (InstitutionUnknown, TooManySessions, NothingLeft, ExceptionNotInPattern)
JSON: Final = "application/json"

ReceiptId = Annotated[ReceiptNumber, Path()]


class CheckRequest(PlanIn):
    """Classes to be judged; without an institution each tells its kind and mode."""

    institution_id: InstitutionId | None = None
    label: Label | None = Field(
        default=None,
        description="将要备案的课表名称：与该机构其他名称的现行课表一并判断；须同时给出机构。",
    )


class ReceiptView(BaseModel):
    """A kept check: who asked when, what was answered, and what has changed since."""

    receipt: str
    checked_at: datetime
    asked_by: str | None = Field(description="Department, town or institution that asked.")
    institution_id: str | None
    digest: str
    session_count: int
    verdict: Verdict
    counts: dict[Verdict, int]
    basis: dict[str, str]
    changed_since: list[str] = Field(description="预检之后有变的日历、校历和政策开关")
    answer: CheckView = Field(description="The answer as it was given.")


@router.post("/check", response_model=CheckView, responses=problem.responses(*REFUSED))
async def check(body: CheckRequest, caller: CallerDep, rooms: RoomsDep) -> Response:
    """课表预检：逐节判断是否合法、违反哪一条、缺少哪些校历，给出最近的合法时段和可引用的回执号。"""
    if not body.sessions and not body.patterns:
        raise refused_at("sessions", detail="sessions 与 patterns 至少填写一项")
    if body.label is not None and body.institution_id is None:
        raise refused_at("institution_id", kind="missing")
    if body.institution_id is None:
        body.tell_kind_and_mode()
    else:
        may_ask_about(caller, body.institution_id)
    asked = Asked(plan=body.plan(), institution_id=body.institution_id, label=body.label)
    return await answered(asked, caller, rooms)


async def answered(asked: Asked, caller: Caller, rooms: RoomsDep) -> Response:
    """Check, keep the receipt, and answer with just what is kept."""
    desk = rooms.timetables.checks
    checked = await check_timetable(asked, who=Who.of(caller), desk=desk, now=rooms.now())
    content = await rooms.written(lambda: check_view(checked))
    await keep_receipt(checked, content, desk=desk)
    return Response(content, media_type=JSON)


@router.get("/checks/{receipt}", responses=problem.responses(ReceiptNotFound))
async def get_receipt(receipt: ReceiptId, caller: CallerDep, rooms: RoomsDep) -> ReceiptView:
    """按回执号查询当时的预检结果，以及此后日历有无变化；回执保存400天。"""
    desk = rooms.timetables.checks
    found, changed = await find_receipt(receipt, desk=desk)
    await _may_read(found, caller, rooms)
    view = CheckView.model_validate_json(await desk.receipts.answer_of(receipt))
    return _receipt_view(found, changed, view)


async def _may_read(receipt: Receipt, caller: Caller, rooms: RoomsDep) -> None:
    if caller.role == "institution" and not receipt.is_of(str(caller.institution)):
        raise ReceiptNotFound.by_id(receipt.receipt_id)
    if receipt.institution_id is not None:
        may_see(caller, await rooms.timetables.institutions.get(receipt.institution_id))


def _receipt_view(found: Receipt, changed: tuple[str, ...], answer: CheckView) -> ReceiptView:
    return ReceiptView(
        receipt=found.receipt_id,
        checked_at=found.asked_at,
        asked_by=found.office or found.role,
        institution_id=found.institution_id,
        digest=found.digest,
        session_count=found.session_count,
        verdict=found.verdict,
        counts=dict(found.counts),
        basis=dict(found.basis),
        changed_since=list(changed),
        answer=answer,
    )
