"""What kind of day a day is, whether people, banks and schools work, and deadlines in such days."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from services.schedule_monitor.api.deps import RoomsDep, refused_at
from services.schedule_monitor.api.views import (
    ArticleView,
    RuleFindingView,
    ShownKind,
    article_view,
    finding_view,
)
from services.schedule_monitor.domain.calendars.calendar import CityDay
from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.explain import explain_day
from services.schedule_monitor.domain.judge import (
    Judged,
    Verdict,
    days_for_subject_classes,
)
from services.schedule_monitor.domain.session import STAGE_NAMES
from shared import problem
from shared.contracts.registry import Stage
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.iso_date import IsoDate
from shared.working_days import deadline_by

router = APIRouter(prefix="/v1/calendar", tags=["日历"])


_MOST_DAYS = 100
_LONGEST_DAYS = 250
_FIRST_DAY = date(2000, 1, 1)
_LAST_DAY = date(2099, 1, 1)
Counted = Literal["working", "banking"]


class SubjectClassesView(BaseModel):
    """Whether subject classes of one stage may be held on the day, as far as the day decides."""

    stage: Stage
    verdict: Verdict
    explanation: str
    findings: list[RuleFindingView]
    missing: list[str]
    notes: list[str]


class PeriodOfDayView(BaseModel):
    """When schools teach on a day, in city wall time."""

    start: str = Field(description="City wall time, HH:MM:SS.")
    end: str


class SchoolsView(BaseModel):
    """Whether schools of one stage teach on the day, and when."""

    stage: Stage
    school_day: bool | None = Field(description="Null while a calendar for it is not loaded.")
    hours: list[PeriodOfDayView] | None = Field(description="Null while no hours are loaded.")


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
    working_day: bool | None = Field(description="Null while the notice is not loaded.")
    banking_day: bool | None = Field(
        description="Whether banks book for companies. On worked weekend days banks announce it; "
        "that they do is a proposal (P) until it is decided otherwise."
    )
    override: str | None = Field(description="What was decided for this day alone.")
    schools: list[SchoolsView]
    subject_classes: list[SubjectClassesView]


class DaysView(BaseModel):
    """The days from one to another, both included."""

    days: list[DayView]


class DeadlineView(BaseModel):
    """When a period of working or banking days ends; the day it begins on is not counted."""

    begins_on: date
    days: int
    counted: Counted
    last_day: date
    ends_at: datetime = Field(description="The midnight in the city after the last day.")
    provisional: bool = Field(
        description="A notice is not loaded: an estimate by weekdays, on which nothing may rest."
    )


# Before the single day: to it, the address of a deadline would be one.
@router.get("/working-days", responses=problem.responses(Unauthenticated, Forbidden, Unavailable))
async def read_deadline(
    rooms: RoomsDep,
    begins_on: Annotated[IsoDate, Query(alias="from", description="起算日，当日不计")],
    days: Annotated[int, Query(ge=1, le=_LONGEST_DAYS, description="工作日数")],
    counted: Annotated[
        Counted, Query(description="working 工作日, banking 银行营业日")
    ] = "working",
) -> DeadlineView:
    """自某日起第若干个工作日（或银行营业日）是哪一天。"""
    if not _FIRST_DAY <= begins_on <= _LAST_DAY:
        raise refused_at("from", detail=f"须在{_FIRST_DAY}至{_LAST_DAY}之间")
    city = (await rooms.office.desk.calendars()).city
    kind_of = city.kind_of if counted == "working" else city.banking_kind_of
    deadline = deadline_by(kind_of, begins_on, days=days)
    return DeadlineView(
        begins_on=begins_on,
        days=days,
        counted=counted,
        last_day=deadline.at.date() - timedelta(days=1),
        ends_at=deadline.at,
        provisional=deadline.provisional,
    )


@router.get("", responses=problem.responses(Unauthenticated, Forbidden, Unavailable))
async def read_days(
    rooms: RoomsDep,
    first: Annotated[IsoDate, Query(alias="from", description="首日（含）")],
    last: Annotated[IsoDate, Query(alias="until", description="末日（含）")],
) -> DaysView:
    """逐日查询一段时间的日历，最多100天。"""
    if last < first:
        raise refused_at("until", detail="末日不得早于首日")
    if (last - first).days >= _MOST_DAYS:
        raise refused_at("until", detail=f"一次最多查询{_MOST_DAYS}天")
    calendars = await rooms.office.desk.calendars()
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return DaysView(days=await rooms.computing.run(_views, days, calendars))


@router.get("/{day}", responses=problem.responses(Unauthenticated, Forbidden, Unavailable))
async def read_day(day: Annotated[IsoDate, Path()], rooms: RoomsDep) -> DayView:
    """查询某日性质（法定节假日、补假调休、周末、调休上班、普通工作日）及可否举办学科类培训。"""
    calendars = await rooms.office.desk.calendars()
    return (await rooms.computing.run(_views, [day], calendars))[0]


def _views(days: Sequence[date], calendars: Calendars) -> list[DayView]:
    judged = days_for_subject_classes(days, calendars)
    return [_view(calendars.city.day(day), calendars, judged) for day in days]


def _view(
    day: CityDay, calendars: Calendars, judged: Mapping[tuple[date, Stage], Judged]
) -> DayView:
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
        working_day=day.working,
        banking_day=day.banking,
        override=None if day.override is None else day.override.said or None,
        schools=[_schools(stage, day.on, calendars) for stage in STAGE_NAMES],
        subject_classes=[_subject_classes(stage, judged[day.on, stage]) for stage in STAGE_NAMES],
        **shown,
    )


def _schools(stage: Stage, on: date, calendars: Calendars) -> SchoolsView:
    hours = calendars.school_hours_on(stage, on)
    return SchoolsView(
        stage=stage,
        school_day=calendars.is_school_day(stage, on),
        hours=None
        if hours is None
        else [
            PeriodOfDayView(start=one.start.isoformat(), end=one.end.isoformat()) for one in hours
        ],
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
