"""What kind of day a day is, and whether subject classes may be held on it."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.schedule_monitor.api.deps import RoomsDep
from services.schedule_monitor.api.views import (
    ArticleView,
    RuleFindingView,
    ShownKind,
    article_view,
    finding_view,
)
from services.schedule_monitor.domain.calendar import CityDay
from services.schedule_monitor.domain.calendars import Calendars
from services.schedule_monitor.domain.explain import explain_day
from services.schedule_monitor.domain.judge import (
    Judged,
    Verdict,
    day_for_subject_classes,
)
from services.schedule_monitor.domain.session import STAGE_NAMES
from shared import problem
from shared.contracts.registry import Stage
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.iso_date import IsoDate

router = APIRouter(prefix="/v1/calendar", tags=["日历"])


class SubjectClassesView(BaseModel):
    """Whether subject classes of one stage may be held on the day, as far as the day decides."""

    stage: Stage
    verdict: Verdict
    explanation: str
    findings: list[RuleFindingView]
    missing: list[str]
    notes: list[str]


class DayView(BaseModel):
    """A day of the city's calendar."""

    date: date
    kind: ShownKind = Field(
        description="calendar_incomplete: the State Council's notice of the year is not loaded."
    )
    why: str
    festival: str | None
    law: ArticleView | None = Field(description="The law that makes it a statutory holiday.")
    notice: str | None = Field(description="The State Council's notice that arranges the day.")
    caveat: str | None
    subject_classes: list[SubjectClassesView]


@router.get("/{day}", responses=problem.responses(Unauthenticated, Forbidden, Unavailable))
async def read_day(day: Annotated[IsoDate, Path()], rooms: RoomsDep) -> DayView:
    """查询某日性质（法定节假日、补假调休、周末、调休上班、普通工作日）及可否举办学科类培训。"""
    calendars = await rooms.timetables.calendars.calendars()
    return _view(calendars.city.day(day), calendars)


def _view(day: CityDay, calendars: Calendars) -> DayView:
    festival = day.festival
    shown: dict[str, Any] = {"festival": None, "law": None}
    if festival is not None:
        shown = {"festival": festival.name, "law": article_view(festival.law)}
    return DayView(
        date=day.on,
        kind=day.kind or "calendar_incomplete",
        why=day.why,
        notice=None if day.notice is None else day.notice.reference,
        caveat=day.caveat,
        subject_classes=[
            _subject_classes(stage, day_for_subject_classes(day.on, stage, calendars))
            for stage in STAGE_NAMES
        ],
        **shown,
    )


def _subject_classes(stage: Stage, judged: Judged) -> SubjectClassesView:
    return SubjectClassesView(
        stage=stage,
        verdict=judged.verdict,
        explanation=explain_day(judged),
        findings=[finding_view(found) for found in judged.findings],
        missing=list(judged.missing),
        notes=list(judged.notes),
    )
