"""School years as schools keep them, loaded per stage by the department of education."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from services.schedule_monitor.api.deps import RoomsDep, refused_at
from services.schedule_monitor.app.calendars.load_school_calendars import (
    SchoolCalendarNotFound,
    load_school_calendars,
)
from services.schedule_monitor.domain.calendars.school_calendar import (
    MOST_BREAKS,
    Break,
    BreakKind,
    SchoolCalendar,
    misfits,
)
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.contracts.registry import Stage
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.iso_date import IsoDate
from shared.plain_text import ONE_LINE, PERHAPS_ONE_LINE

router = APIRouter(prefix="/v1/school-calendars", tags=["校历"])

SchoolYear = Annotated[
    str, Path(pattern=r"^20[0-9]{2}-20[0-9]{2}$", description="学年", examples=["2025-2026"])
]
Basis = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE),
]


def not_before(first_day: date | None, last_day: date) -> date:
    """Refuse a last day that lies before the first."""
    if first_day is not None and last_day < first_day:
        raise ValueError("末日不得早于首日")
    return last_day


class BreakIn(BaseModel):
    """Days without school; the first and the last day are both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: BreakKind = Field(
        description="winter 寒假, summer 暑假, spring 春假, autumn 秋假, adhoc 临时停课"
    )
    first_day: IsoDate = Field(description="首日（含）")
    last_day: IsoDate = Field(description="末日（含）")
    reason: Annotated[str, Field(max_length=200, pattern=PERHAPS_ONE_LINE)] = Field(
        default="", description="临时停课的原因"
    )

    @field_validator("last_day")
    @classmethod
    def _in_order(cls, last_day: date, info: ValidationInfo) -> date:
        return not_before(info.data.get("first_day"), last_day)


class SchoolCalendarIn(BaseModel):
    """The school year of one stage; the first and the last day are both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Stage
    first_day: IsoDate = Field(description="学年首日（含），在学年的第一个年份内")
    last_day: IsoDate = Field(description="学年末日（含），在学年的第二个年份内；含其后的暑假")
    breaks: Annotated[list[BreakIn], Field(max_length=MOST_BREAKS)]
    basis: Basis = Field(description="依据的校历文件")

    @field_validator("last_day")
    @classmethod
    def _in_order(cls, last_day: date, info: ValidationInfo) -> date:
        return not_before(info.data.get("first_day"), last_day)


class SchoolCalendarView(SchoolCalendarIn):
    """A loaded school year of one stage, in its current version."""

    school_year: str
    version: int


class SchoolCalendarViews(BaseModel):
    """What is loaded of one school year, by stage."""

    calendars: list[SchoolCalendarView]


@router.put(
    "/{school_year}",
    responses={
        201: {"model": SchoolCalendarView, "description": "A new version is current."},
        **problem.responses(Unauthenticated, Forbidden, Unavailable),
    },
)
async def put_school_calendar(
    school_year: SchoolYear,
    body: SchoolCalendarIn,
    caller: CallerDep,
    rooms: RoomsDep,
    response: Response,
) -> SchoolCalendarView:
    """载入一个学段的校历；内容相同则不变，内容不同则成为新版本，相关课表重新判断。"""
    stated = _calendar(school_year, body)
    _fits(stated, body)
    [calendar], new = await load_school_calendars([stated], who=Who.of(caller), office=rooms.office)
    rooms.committed()
    response.status_code = 201 if new else 200
    return calendar_view(calendar)


@router.get(
    "/{school_year}",
    responses=problem.responses(Unauthenticated, Forbidden, SchoolCalendarNotFound),
)
async def read_school_calendars(school_year: SchoolYear, rooms: RoomsDep) -> SchoolCalendarViews:
    """查询一个学年已载入的各学段校历。"""
    found = await rooms.office.schools.of_year(school_year)
    if not found:
        raise SchoolCalendarNotFound(f"{school_year}学年没有载入任何学段的校历。")
    return SchoolCalendarViews(calendars=[calendar_view(one) for one in found])


def _fits(calendar: SchoolCalendar, body: SchoolCalendarIn) -> None:
    for field, at, detail in misfits(calendar):
        place: tuple[str | int, ...] = (field,)
        if at is not None:
            given = [(one.first_day, one.last_day, one.kind) for one in body.breaks]
            place = ("breaks", given.index((at.first_day, at.last_day, at.kind)), field)
        raise refused_at(*place, detail=detail)


def _calendar(school_year: str, body: SchoolCalendarIn) -> SchoolCalendar:
    return SchoolCalendar(
        school_year=school_year,
        stage=body.stage,
        version=1,
        first_day=body.first_day,
        last_day=body.last_day,
        breaks=tuple(
            sorted(Break(one.first_day, one.last_day, one.kind, one.reason) for one in body.breaks)
        ),
        basis=body.basis,
    )


def calendar_view(calendar: SchoolCalendar) -> SchoolCalendarView:
    """Show a school year of one stage."""
    shown: dict[str, Any] = {
        "school_year": calendar.school_year,
        "stage": calendar.stage,
        "version": calendar.version,
        "first_day": calendar.first_day.isoformat(),
        "last_day": calendar.last_day.isoformat(),
        "breaks": [
            {
                "kind": one.kind,
                "first_day": one.first_day.isoformat(),
                "last_day": one.last_day.isoformat(),
                "reason": one.reason,
            }
            for one in calendar.breaks
        ],
        "basis": calendar.basis,
    }
    return SchoolCalendarView.model_validate(shown)
