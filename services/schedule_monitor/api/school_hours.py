"""School hours per stage and weekday, loaded by the department of education."""

from datetime import date, time
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from services.schedule_monitor.api.deps import RoomsDep
from services.schedule_monitor.api.fields import WallTime
from services.schedule_monitor.api.school_calendars import Basis, SchoolYear
from services.schedule_monitor.app.load_school_calendars import SchoolCalendarNotFound
from services.schedule_monitor.app.load_school_hours import (
    HoursOutsideSchoolYear,
    load_school_hours,
)
from services.schedule_monitor.domain.school_hours import (
    PERIODS_OVERLAP,
    HoursFrom,
    Period,
    SchoolHours,
    overlapping,
)
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.contracts.registry import Stage
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.iso_date import IsoDate

router = APIRouter(prefix="/v1/school-calendars", tags=["校历"])

_MOST_PERIODS = 70
_MOST_TABLES = 12


class PeriodIn(BaseModel):
    """When schools teach on a weekday; between two periods they do not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weekday: int = Field(strict=True, ge=1, le=7, description="1 星期一 至 7 星期日")
    start: WallTime
    end: WallTime

    @field_validator("end")
    @classmethod
    def _later(cls, end: time, info: ValidationInfo) -> time:
        start = info.data.get("start")
        if start is not None and end <= start:
            raise ValueError("结束时间须晚于开始时间")
        return end


class WeekIn(BaseModel):
    """The periods of a week from a day on, until the next table begins."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: IsoDate = Field(description="自该日起，在学年之内")
    periods: Annotated[list[PeriodIn], Field(min_length=1, max_length=_MOST_PERIODS)]

    @field_validator("periods")
    @classmethod
    def _apart(cls, periods: list[PeriodIn]) -> list[PeriodIn]:
        found = [Period(one.weekday, one.start, one.end) for one in periods]
        if overlapping(found):
            raise ValueError(PERIODS_OVERLAP)
        return sorted(periods, key=lambda one: (one.weekday, one.start))


class SchoolHoursIn(BaseModel):
    """The school hours of one stage in a school year, with every table of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Stage
    tables: Annotated[list[WeekIn], Field(min_length=1, max_length=_MOST_TABLES)]
    basis: Basis = Field(description="依据的作息时间表")

    @field_validator("tables")
    @classmethod
    def _one_a_day(cls, tables: list[WeekIn]) -> list[WeekIn]:
        days = [table.since for table in tables]
        if len(set(days)) != len(days):
            raise ValueError("同一日起只能有一张作息时间表")
        return tables


class PeriodView(BaseModel):
    """When schools teach on a weekday."""

    weekday: int
    start: str = Field(description="City wall time, HH:MM:SS.")
    end: str


class WeekView(BaseModel):
    """The periods of a week from a day on."""

    since: date
    periods: list[PeriodView]


class SchoolHoursView(BaseModel):
    """Loaded school hours of one stage, in their current version."""

    school_year: str
    stage: Stage
    version: int
    tables: list[WeekView]
    basis: str


class SchoolHoursViews(BaseModel):
    """What is loaded of one school year, by stage."""

    hours: list[SchoolHoursView]


@router.put(
    "/{school_year}/hours",
    responses={
        201: {"model": SchoolHoursView, "description": "A new version is current."},
        **problem.responses(
            Unauthenticated, Forbidden, SchoolCalendarNotFound, HoursOutsideSchoolYear, Unavailable
        ),
    },
)
async def put_school_hours(
    school_year: SchoolYear,
    body: SchoolHoursIn,
    caller: CallerDep,
    rooms: RoomsDep,
    response: Response,
) -> SchoolHoursView:
    """载入一个学段的在校作息时间，可分夏令、冬令等多张；内容不同则成为新版本，相关课表重新判断。"""
    [hours], new = await load_school_hours(
        [_hours(school_year, body)], who=Who.of(caller), office=rooms.office
    )
    rooms.committed()
    response.status_code = 201 if new else 200
    return hours_view(hours)


@router.get("/{school_year}/hours", responses=problem.responses(Unauthenticated, Forbidden))
async def read_school_hours(school_year: SchoolYear, rooms: RoomsDep) -> SchoolHoursViews:
    """查询一个学年已载入的各学段在校作息时间。"""
    found = await rooms.office.hours.of_year(school_year)
    return SchoolHoursViews(hours=[hours_view(one) for one in found])


def hours_view(hours: SchoolHours) -> SchoolHoursView:
    """Show school hours."""
    return SchoolHoursView(
        school_year=hours.school_year,
        stage=hours.stage,
        version=hours.version,
        tables=[
            WeekView(
                since=table.since,
                periods=[
                    PeriodView(
                        weekday=one.weekday,
                        start=one.start.isoformat(),
                        end=one.end.isoformat(),
                    )
                    for one in table.periods
                ],
            )
            for table in hours.tables
        ],
        basis=hours.basis,
    )


def _hours(school_year: str, body: SchoolHoursIn) -> SchoolHours:
    return SchoolHours(
        school_year=school_year,
        stage=body.stage,
        version=1,
        tables=tuple(
            sorted(
                HoursFrom(
                    table.since,
                    tuple(Period(one.weekday, one.start, one.end) for one in table.periods),
                )
                for table in body.tables
            )
        ),
        basis=body.basis,
    )
