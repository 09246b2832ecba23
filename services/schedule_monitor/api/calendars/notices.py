"""Notices of the State Council on each year's rest days, loaded by the department of education."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.schedule_monitor.api.deps import Rooms, RoomsDep, refused_at
from services.schedule_monitor.app.calendars.load_notice import load_notice
from services.schedule_monitor.domain.calendars.holiday_law import KNOWN_YEARS, refuse_against_law
from services.schedule_monitor.domain.calendars.notices import KNOWN_NOTICES, LoadedNotice
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.city_time import city_date
from shared.errors import Forbidden, NotFound, Unauthenticated, Unavailable
from shared.iso_date import IsoDate
from shared.plain_text import ONE_LINE
from shared.working_days import Notice, NoticeWrong, checked_notice

router = APIRouter(prefix="/v1/calendar/notices", tags=["日历"])

_MOST_DAYS = 120
Year = Annotated[int, Path(ge=2000, le=2100, description="通知所安排的年份", examples=[2027])]
Days = Annotated[list[IsoDate], Field(max_length=_MOST_DAYS)]


class NoticeNotFound(NotFound):
    """No notice of this year is loaded."""

    code = "notice-not-found"
    title = "没有载入该年的放假通知"


class NoticeIn(BaseModel):
    """What a notice arranges; its days may begin in the last week of the year before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_no: str | None = Field(
        default=None,
        min_length=1,
        max_length=60,
        pattern=ONE_LINE,
        description="文号",
        examples=["国办发明电〔2026〕10号"],
    )
    published_on: IsoDate = Field(description="公布日期")
    rest_days: Days = Field(description="放假的日期，含法定节假日；可含周末")
    workdays: Days = Field(description="上班的周末（调休）")


class NoticeView(BaseModel):
    """A notice as it is gone by; ``version`` is 0 where it came with the calendar library."""

    year: int
    version: int
    source: str = Field(description="library 随日历库, education 教育部门载入, file 部署文件")
    reference: str
    published_on: date | None
    rest_days: list[date] | None = Field(description="Null where it came with the library.")
    workdays: list[date] | None


class NoticeViews(BaseModel):
    """The years whose days are told."""

    notices: list[NoticeView]


@router.put(
    "/{year}",
    responses={
        201: {"model": NoticeView, "description": "A new version is current."},
        **problem.responses(Unauthenticated, Forbidden, Unavailable),
    },
)
async def put_notice(
    year: Year, body: NoticeIn, caller: CallerDep, rooms: RoomsDep, response: Response
) -> NoticeView:
    """载入国务院放假通知：立即生效，全部课表重新判断，其他服务随之重算期限；内容相同则不变。"""
    loaded = LoadedNotice(
        year=year,
        source="education",
        document_no=body.document_no,
        published_on=body.published_on,
        days=_checked(year, body, rooms),
    )
    current, new = await load_notice(loaded, who=Who.of(caller), office=rooms.office)
    rooms.committed()
    response.status_code = 201 if new else 200
    return _loaded(current)


@router.get("", responses=problem.responses(Unauthenticated, Forbidden))
async def read_notices(rooms: RoomsDep) -> NoticeViews:
    """列出已载入放假通知的年份；其余年份一律不作判断。"""
    loaded = await rooms.office.national.notices()
    return NoticeViews(
        notices=[
            _loaded(loaded[year]) if year in loaded else _of_library(year)
            for year in sorted({*KNOWN_NOTICES, *loaded})
        ]
    )


@router.get("/{year}", responses=problem.responses(Unauthenticated, Forbidden, NoticeNotFound))
async def read_notice(year: Year, rooms: RoomsDep) -> NoticeView:
    """查询一年所依据的放假通知。"""
    loaded = await rooms.office.national.notice(year)
    if loaded is not None:
        return _loaded(loaded)
    if year in KNOWN_NOTICES:
        return _of_library(year)
    raise NoticeNotFound(f"{year}年的放假通知尚未载入。")


def _checked(year: int, body: NoticeIn, rooms: Rooms) -> Notice:
    if year not in KNOWN_YEARS:
        first, last = min(KNOWN_YEARS), max(KNOWN_YEARS)
        raise refused_at("year", detail=f"只掌握{first}至{last}年的农历节日")
    if body.published_on > city_date(rooms.now()):
        raise refused_at("published_on", detail="公布日期不得晚于今天")
    days = (frozenset(body.rest_days), frozenset(body.workdays))
    try:
        notice = checked_notice(year, rest_days=days[0], workdays=days[1])
        refuse_against_law(year, notice)
    except NoticeWrong as wrong:
        raise refused_at(wrong.field, detail=str(wrong)) from wrong
    return notice


def _loaded(loaded: LoadedNotice) -> NoticeView:
    return NoticeView(
        year=loaded.year,
        version=loaded.version,
        source=loaded.source,
        reference=loaded.notice.reference,
        published_on=loaded.published_on,
        rest_days=sorted(loaded.days.rest_days),
        workdays=sorted(loaded.days.workdays),
    )


def _of_library(year: int) -> NoticeView:
    notice = KNOWN_NOTICES[year]
    return NoticeView(
        year=year,
        version=0,
        source="library",
        reference=notice.reference,
        published_on=notice.published_on,
        rest_days=None,
        workdays=None,
    )
