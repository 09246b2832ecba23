"""Single days decided against or beside the year's notice."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.schedule_monitor.api.deps import RoomsDep, refused_at
from services.schedule_monitor.app.calendars.override_days import (
    CalendarYearUnknown,
    StatutoryHolidayStays,
    override_days,
)
from services.schedule_monitor.domain.calendars.overrides import Change, Override
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.iso_date import IsoDate
from shared.plain_text import ONE_LINE

router = APIRouter(prefix="/v1/calendar/overrides", tags=["日历"])

MOST_OVERRIDES = 100
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE),
]


class OverrideIn(BaseModel):
    """What is decided for one day, by which paper and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: IsoDate
    change: Change = Field(
        description="rest_day 改为休息, workday 改为上班, as_announced 仍按放假通知（撤销先前决定）"
    )
    banking: bool | None = Field(
        default=None, description="银行对公业务与上班安排不同时填写；不填即相同"
    )
    reference: Line = Field(description="依据的文件")
    reason: Line = Field(description="理由")


class OverridesIn(BaseModel):
    """Decisions on single days, taken all together or not at all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    overrides: Annotated[list[OverrideIn], Field(min_length=1, max_length=MOST_OVERRIDES)]


class OverrideView(BaseModel):
    """A decision on one day, in its current version."""

    date: date
    change: Change
    banking: bool | None
    reference: str
    reason: str
    version: int


class OverrideViews(BaseModel):
    """Decisions on single days, by day."""

    overrides: list[OverrideView]


@router.post(
    "",
    responses=problem.responses(
        Unauthenticated, Forbidden, CalendarYearUnknown, StatutoryHolidayStays, Unavailable
    ),
)
async def decide_days(body: OverridesIn, caller: CallerDep, rooms: RoomsDep) -> OverrideViews:
    """对个别日期另作安排（如临时放假），须写明依据和理由；整批生效或整批不生效，重复提交不变。"""
    days = [one.date for one in body.overrides]
    if twice := [place for place, day in enumerate(days) if day in days[:place]]:
        raise refused_at("overrides", twice[0], "date", detail="同一日期只能出现一次")
    found = await override_days(
        [_override(one) for one in body.overrides], who=Who.of(caller), office=rooms.office
    )
    rooms.committed()
    return overrides_view(found)


@router.get("", responses=problem.responses(Unauthenticated, Forbidden))
async def read_overrides(rooms: RoomsDep) -> OverrideViews:
    """列出对个别日期另作的安排。"""
    return overrides_view((await rooms.office.national.overrides()).values())


def overrides_view(found: Iterable[Override]) -> OverrideViews:
    """Show decisions on single days."""
    return OverrideViews(
        overrides=[
            OverrideView(
                date=one.on,
                change=one.change,
                banking=one.banking,
                reference=one.reference,
                reason=one.reason,
                version=one.version,
            )
            for one in found
        ]
    )


def _override(one: OverrideIn) -> Override:
    return Override(
        on=one.date,
        change=one.change,
        banking=one.banking,
        reference=one.reference,
        reason=one.reason,
    )
