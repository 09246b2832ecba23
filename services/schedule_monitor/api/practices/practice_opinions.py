"""Experts' opinions on a report of practice, and what the department in charge decides."""

from typing import Annotated

from fastapi import APIRouter, Path

from services.schedule_monitor.api.deps import RoomsDep
from services.schedule_monitor.api.practices.practice_access import responsible_for
from services.schedule_monitor.api.practices.practice_bodies import (
    DecisionIn,
    OpinionIn,
    QuestionIn,
)
from services.schedule_monitor.api.practices.practice_views import PracticeReportView
from services.schedule_monitor.api.practices.practices import ReportId, shown
from services.schedule_monitor.app.practices.judge_practice import (
    ask_expert,
    decide_report,
    give_opinion,
)
from services.schedule_monitor.app.practices.practice_desk import Doing
from services.schedule_monitor.domain.practices.practice import (
    MOST_OPINIONS,
    ExpertOfInstitution,
    NotResponsible,
    OpinionGivenOtherwise,
    OpinionNeeded,
    OpinionNotFound,
    OpinionStands,
    PracticeReportNotFound,
    ReportWithdrawn,
    TooManyOfReport,
)
from shared import problem
from shared.access.enforcement import CallerDep
from shared.errors import Unauthenticated, Unavailable

router = APIRouter(
    prefix="/v1/practice-reports/{report_id}",
    tags=["培训行为反映"],
    responses=problem.responses(
        Unauthenticated, NotResponsible, Unavailable, PracticeReportNotFound, ReportWithdrawn
    ),
)
Number = Annotated[int, Path(ge=1, le=MOST_OPINIONS, description="征询的编号")]


@router.post("/opinions", responses=problem.responses(ExpertOfInstitution, TooManyOfReport))
async def ask(
    report_id: ReportId, body: QuestionIn, caller: CallerDep, rooms: RoomsDep
) -> PracticeReportView:
    """征询一位专家的意见：由办理部门；同一问题对同一专家只征询一次，直到其出具意见。"""
    await responsible_for(report_id, caller, rooms)
    report, _ = await ask_expert(
        report_id,
        body.question_of(),
        Doing.by("opinion-asked", caller, rooms.now()),
        desk=rooms.practices,
    )
    rooms.committed()
    return await shown(report, caller, rooms)


@router.put(
    "/opinions/{number}", responses=problem.responses(OpinionNotFound, OpinionGivenOtherwise)
)
async def give(
    report_id: ReportId, number: Number, body: OpinionIn, caller: CallerDep, rooms: RoomsDep
) -> PracticeReportView:
    """录入专家出具的意见：意见一致时随之认定或不认定，不一致或无法判断时由办理部门决定。"""
    await responsible_for(report_id, caller, rooms)
    report, _ = await give_opinion(
        report_id,
        number,
        body.word(),
        Doing.by("opinion-given", caller, rooms.now()),
        desk=rooms.practices,
    )
    rooms.committed()
    return await shown(report, caller, rooms)


@router.post(
    "/decision", responses=problem.responses(OpinionNeeded, OpinionStands, TooManyOfReport)
)
async def decide(
    report_id: ReportId, body: DecisionIn, caller: CallerDep, rooms: RoomsDep
) -> PracticeReportView:
    """办理部门的决定和理由：专家意见一致时不能作相反决定，须专家判断的不能未经征询即认定。"""
    await responsible_for(report_id, caller, rooms)
    report, _ = await decide_report(
        report_id,
        body.outcome,
        Doing.by("decided", caller, rooms.now(), body.reason),
        desk=rooms.practices,
    )
    rooms.committed()
    return await shown(report, caller, rooms)
