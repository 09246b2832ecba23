"""Releases by hand over HTTP: asked for by one person, approved by another."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.domain.lessons.manual_release import ManualRelease, Paper, State
from services.fund_monitor.store.lessons.manual_releases import (
    AlreadyAnswered,
    ManualReleaseNotFound,
    MoreThanUnreleased,
    ReleaseOfUnknown,
    SecondPersonNeeded,
)
from shared import problem
from shared.access.enforcement import CallerDep
from shared.contracts.bank import Number
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.ids import new_id
from shared.mongo import Session
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after

router = APIRouter(
    prefix="/v1/manual-releases",
    tags=["人工划拨"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)
Reason = Annotated[str, Field(min_length=1, max_length=500)]
ReleaseId = Annotated[str, Path(max_length=64)]


class PaperView(BaseModel):
    """A paper by its name and the SHA-256 of its content."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name: str = Field(min_length=1, max_length=120)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class NewManualRelease(BaseModel):
    """A release that no lesson brings about."""

    model_config = ConfigDict(extra="forbid")

    institution_id: InstitutionId
    contract_no: Number
    amount_fen: int = Field(ge=1, lt=2**53)
    reason: Reason
    papers: list[PaperView] = Field(min_length=1, max_length=20)


class Refusal(BaseModel):
    """Why a request is refused."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class ManualReleaseView(BaseModel):
    """A request and where it stands."""

    release_id: str
    institution_id: str
    contract_no: str
    amount_fen: int
    reason: str
    papers: list[PaperView]
    asked_at: datetime
    state: State
    answered_at: datetime | None
    answer_reason: str | None


class ManualReleasePage(BaseModel):
    """Requests, newest first."""

    releases: list[ManualReleaseView]
    next_cursor: str | None = None


@router.post(
    "",
    status_code=201,
    responses=problem.responses(
        ReleaseOfUnknown, MoreThanUnreleased, KeyedRequestRunning, KeyReused
    ),
)
async def ask_for_release(
    body: NewManualRelease, caller: CallerDep, rooms: RoomsDep, once: OnceDep
) -> ManualReleaseView:
    """申请人工划拨：写明理由并附材料摘要，由主管部门另一人复核。"""
    asked = ManualRelease(
        id=new_id(),
        institution_id=body.institution_id,
        contract_no=body.contract_no,
        amount_fen=body.amount_fen,
        reason=body.reason,
        papers=tuple(Paper(paper.name, paper.sha256) for paper in body.papers),
        asked_by=caller.subject,
        asked_at=rooms.now(),
    )

    async def work(session: Session) -> ManualReleaseView:
        await rooms.manual_releases.ask(asked, caller=caller, session=session)
        return _view(asked)

    return await once.within(ManualReleaseView, work)


@router.get("")
async def list_releases(
    caller: CallerDep, rooms: RoomsDep, cursor: Cursor = None, limit: Limit = USUAL_LIMIT
) -> ManualReleasePage:
    """列出人工划拨申请，最近的在前。"""
    found = await rooms.manual_releases.page(caller, before=before_of(cursor), limit=limit)
    return ManualReleasePage(
        releases=[_view(one) for one in found],
        next_cursor=cursor_after([one.id for one in found], limit=limit),
    )


_ANSWERS = problem.responses(
    ManualReleaseNotFound, ReleaseOfUnknown, AlreadyAnswered, SecondPersonNeeded
)


@router.post("/{release_id}/approve", responses=_ANSWERS | problem.responses(MoreThanUnreleased))
async def approve_release(
    release_id: ReleaseId, caller: CallerDep, rooms: RoomsDep
) -> ManualReleaseView:
    """复核同意；申请人本人不得复核。"""
    return _view(
        await rooms.manual_releases.answer(
            release_id, "approved", caller=caller, reason=None, now=rooms.now()
        )
    )


@router.post("/{release_id}/refuse", responses=_ANSWERS)
async def refuse_release(
    release_id: ReleaseId, body: Refusal, caller: CallerDep, rooms: RoomsDep
) -> ManualReleaseView:
    """复核退回，并说明理由。"""
    return _view(
        await rooms.manual_releases.answer(
            release_id, "refused", caller=caller, reason=body.reason, now=rooms.now()
        )
    )


def _view(release: ManualRelease) -> ManualReleaseView:
    return ManualReleaseView(
        release_id=release.id,
        institution_id=release.institution_id,
        contract_no=release.contract_no,
        amount_fen=release.amount_fen,
        reason=release.reason,
        papers=[PaperView(name=paper.name, sha256=paper.sha256) for paper in release.papers],
        asked_at=release.asked_at,
        state=release.state,
        answered_at=release.answered_at,
        answer_reason=release.answer_reason,
    )
