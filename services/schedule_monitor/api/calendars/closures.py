"""Schools closed for some days at short notice."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from services.schedule_monitor.api.calendars.day_overrides import Line
from services.schedule_monitor.api.calendars.school_calendars import (
    SchoolCalendarViews,
    SchoolYear,
    calendar_view,
    not_before,
)
from services.schedule_monitor.api.deps import RoomsDep
from services.schedule_monitor.app.calendars.close_schools import ClosureRefused, close_schools
from services.schedule_monitor.app.calendars.load_school_calendars import SchoolCalendarNotFound
from services.schedule_monitor.domain.calendars.school_calendar import Break
from services.schedule_monitor.domain.session import STAGE_NAMES
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.contracts.registry import Stage
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.iso_date import IsoDate

router = APIRouter(prefix="/v1/school-calendars", tags=["校历"])


class ClosureIn(BaseModel):
    """Days on which schools stay closed, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stages: Annotated[list[Stage], Field(min_length=1, max_length=len(STAGE_NAMES))]
    first_day: IsoDate = Field(description="首日（含）")
    last_day: IsoDate = Field(description="末日（含）")
    reason: Line = Field(description="停课原因", examples=["台风“梅花”防御应急响应"])

    @field_validator("last_day")
    @classmethod
    def _in_order(cls, last_day: date, info: ValidationInfo) -> date:
        return not_before(info.data.get("first_day"), last_day)


@router.post(
    "/{school_year}/closures",
    responses={
        201: {"model": SchoolCalendarViews, "description": "The calendars have new versions."},
        **problem.responses(
            Unauthenticated, Forbidden, SchoolCalendarNotFound, ClosureRefused, Unavailable
        ),
    },
)
async def post_closure(
    school_year: SchoolYear,
    body: ClosureIn,
    caller: CallerDep,
    rooms: RoomsDep,
    response: Response,
) -> SchoolCalendarViews:
    """登记临时停课（如台风停课）：立即写入各学段校历，相关课表重新判断；重复登记不变。"""
    calendars, new = await close_schools(
        Break(body.first_day, body.last_day, "adhoc", body.reason),
        school_year=school_year,
        stages=frozenset(body.stages),
        who=Who.of(caller),
        office=rooms.office,
    )
    rooms.committed()
    response.status_code = 201 if new else 200
    return SchoolCalendarViews(calendars=[calendar_view(one) for one in calendars])
