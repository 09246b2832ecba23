"""School years, school hours and single days by spreadsheet: templates, and filled-in sheets."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from fastapi import APIRouter, Request, Response

from services.schedule_monitor.api.calendar_rows import calendars_of, hours_of
from services.schedule_monitor.api.calendar_sheets import (
    CALENDAR_SHEET,
    HOURS_SHEET,
    OVERRIDE_SHEET,
)
from services.schedule_monitor.api.day_overrides import OverrideViews, overrides_view
from services.schedule_monitor.api.deps import RoomsDep, refused_at
from services.schedule_monitor.api.school_calendars import (
    SchoolCalendarViews,
    SchoolYear,
    calendar_view,
)
from services.schedule_monitor.api.school_hours import SchoolHoursViews, hours_view
from services.schedule_monitor.app.load_school_calendars import (
    SchoolCalendarNotFound,
    load_school_calendars,
)
from services.schedule_monitor.app.load_school_hours import (
    HoursOutsideSchoolYear,
    load_school_hours,
)
from services.schedule_monitor.app.override_days import (
    CalendarYearUnknown,
    StatutoryHolidayStays,
    override_days,
    refusal_of,
)
from services.schedule_monitor.domain.overrides import Override
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.spreadsheets.reading import Bad, Good
from shared.spreadsheets.sheet import Sheet
from shared.spreadsheets.uploads import (
    FILE_BODY,
    TEMPLATE_RESPONSES,
    sheet_responses,
    template_answer,
    uploaded,
)

R = TypeVar("R")
L = TypeVar("L")

_REFUSALS = problem.responses(Unauthenticated, Forbidden, Unavailable)
_TEMPLATE = {**TEMPLATE_RESPONSES, **problem.responses(Unauthenticated, Forbidden)}
router = APIRouter(prefix="/v1", tags=["校历"])


@router.get("/school-calendars/template", response_class=Response, responses=_TEMPLATE)
async def get_calendar_template() -> Response:
    """下载校历表模板（XLSX）。"""
    return template_answer(CALENDAR_SHEET, name="school-calendar")


@router.get("/school-calendars/hours-template", response_class=Response, responses=_TEMPLATE)
async def get_hours_template() -> Response:
    """下载作息时间表模板（XLSX）。"""
    return template_answer(HOURS_SHEET, name="school-hours")


@router.get("/calendar/overrides/template", response_class=Response, responses=_TEMPLATE)
async def get_overrides_template() -> Response:
    """下载个别日期安排表模板（XLSX）。"""
    return template_answer(OVERRIDE_SHEET, name="calendar-days")


@router.post(
    "/school-calendars/{school_year}/upload",
    response_model=SchoolCalendarViews,
    openapi_extra=FILE_BODY,
    responses={**_REFUSALS, **sheet_responses()},
)
async def upload_calendars(
    school_year: SchoolYear, request: Request, caller: CallerDep, rooms: RoomsDep
) -> Response | SchoolCalendarViews:
    """上传一个学年的校历表（XLSX 或 CSV），可含多个学段：整份接收或整份退回。"""
    _two_years(school_year)
    found = await _whole(request, CALENDAR_SHEET, lambda rows: calendars_of(rows, school_year))
    if isinstance(found, Response):
        return found
    calendars, _ = await load_school_calendars(found, who=Who.of(caller), office=rooms.office)
    rooms.committed()
    return SchoolCalendarViews(calendars=[calendar_view(one) for one in calendars])


@router.post(
    "/school-calendars/{school_year}/hours/upload",
    response_model=SchoolHoursViews,
    openapi_extra=FILE_BODY,
    responses={
        **_REFUSALS,
        **sheet_responses(),
        **problem.responses(SchoolCalendarNotFound, HoursOutsideSchoolYear),
    },
)
async def upload_hours(
    school_year: SchoolYear, request: Request, caller: CallerDep, rooms: RoomsDep
) -> Response | SchoolHoursViews:
    """上传一个学年的作息时间表（XLSX 或 CSV），可含多个学段：整份接收或整份退回。"""
    schools = (await rooms.office.desk.calendars()).schools
    years = {one.stage: one for one in schools if one.school_year == school_year}
    found = await _whole(request, HOURS_SHEET, lambda rows: hours_of(rows, school_year, years))
    if isinstance(found, Response):
        return found
    hours, _ = await load_school_hours(found, who=Who.of(caller), office=rooms.office)
    rooms.committed()
    return SchoolHoursViews(hours=[hours_view(one) for one in hours])


@router.post(
    "/calendar/overrides/upload",
    response_model=OverrideViews,
    openapi_extra=FILE_BODY,
    responses={
        **_REFUSALS,
        **sheet_responses(),
        **problem.responses(CalendarYearUnknown, StatutoryHolidayStays),
    },
)
async def upload_overrides(
    request: Request, caller: CallerDep, rooms: RoomsDep
) -> Response | OverrideViews:
    """上传个别日期安排表（XLSX 或 CSV）：整份接收或整份退回。"""
    city = (await rooms.office.desk.calendars()).city

    def overrides(rows: Sequence[Good[Override]]) -> tuple[list[Override], list[Bad]]:
        against = [(row, refusal_of(row.item, city)) for row in rows]
        bad = [row.refused([("date", str(why))]) for row, why in against if why is not None]
        return [row.item for row in rows], bad

    found = await _whole(request, OVERRIDE_SHEET, overrides)
    if isinstance(found, Response):
        return found
    decided = await override_days(found, who=Who.of(caller), office=rooms.office)
    rooms.committed()
    return overrides_view(decided)


async def _whole(
    request: Request,
    sheet: Sheet[R],
    together: Callable[[Sequence[Good[R]]], tuple[list[L], list[Bad]]],
) -> Response | list[L]:
    """Return what all rows come to, or the answer that says what is wrong.

    A calendar is taken whole: half of one would be another.
    """
    async with uploaded(request, sheet, partial=False) as upload:
        rows = [one async for some in upload.check(most=sheet.most_rows) for one in some]
        found, bad = together(rows) if not upload.stopped else ([], [])
        await upload.refuse(bad)
        if (answer := await upload.answer()) is not None:
            return answer
        if not rows:
            raise Malformed("表格中没有填写任何内容")
        return found


def _two_years(school_year: str) -> None:
    first, second = (int(year) for year in school_year.split("-"))
    if second != first + 1:
        raise refused_at("school_year", detail="学年须是相邻的两个年份")
