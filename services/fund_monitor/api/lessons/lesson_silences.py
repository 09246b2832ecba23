"""How long silence runs before a stated lesson is confirmed: dated data, a rule for each source."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.api.fees.fee_rules import (
    DatedBody,
    Day,
    DecisionView,
    EffectiveFrom,
    in_order,
    told,
)
from services.fund_monitor.app.fees.decide_fees import Deciding, decide
from services.fund_monitor.domain.lessons.lesson_silence import (
    DEFAULT_SILENCE,
    NATIONAL,
    LessonSilence,
    silence_of,
)
from services.fund_monitor.store.fees.fee_rules import Decision
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.city_time import city_date
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after

router = APIRouter(
    prefix="/v1/lesson-silences",
    tags=["消课"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)

MOST_DAYS = 90
Source = Annotated[
    str,
    Path(
        pattern=r"^[a-z][a-z0-9-]{1,31}$",
        description="规则来源：national 或平台代码（平台自己的规则）",
    ),
]


class LessonSilenceBody(DatedBody):
    """After how many days without an answer a stated lesson is confirmed."""

    days: int = Field(strict=True, ge=1, le=MOST_DAYS, description="确认请求当日不计入")
    counting: Literal["calendar_days", "working_days"] = Field(
        default="calendar_days", description="按自然日或按工作日；工作日以已公布的放假通知为准"
    )


class LessonSilenceView(DecisionView):
    """One version of one source's rule; version 0 is what applies before anybody has decided."""

    source: str
    days: int
    counting: Literal["calendar_days", "working_days"]


class LessonSilenceList(BaseModel):
    """The rules in force on a day, the national one first."""

    on: date
    lesson_silences: list[LessonSilenceView]


class LessonSilencePage(BaseModel):
    """All versions, the newest first."""

    lesson_silences: list[LessonSilenceView]
    next_cursor: str | None = None


@router.put("/{source}/{effective_from}")
async def put_lesson_silence(
    source: Source,
    effective_from: EffectiveFrom,
    body: LessonSilenceBody,
    caller: CallerDep,
    rooms: RoomsDep,
) -> LessonSilenceView:
    """设定消课确认的默认确认天数：自起始日起提出的确认适用；内容不同为新版本。"""
    in_order(effective_from, body)
    silence = LessonSilence(
        source=source, effective_from=effective_from, **body.model_dump(exclude={"reason"})
    )
    by = Deciding(Who.of(caller), body.reason, rooms.now())
    return _view(await decide(silence, desk=rooms.fees, by=by))


@router.get("")
async def read_lesson_silences(rooms: RoomsDep, on: Day = None) -> LessonSilenceList:
    """某日各来源适用的默认确认天数；平台没有自己的规则的，适用 national。"""
    day = on or city_date(rooms.now())
    known = await rooms.fees.dated.decisions("lesson_silence")
    decided = {one.data: one for one in known if isinstance(one.data, LessonSilence)}
    found: list[LessonSilenceView] = []
    for source in [NATIONAL, *sorted({one.source for one in decided} - {NATIONAL})]:
        rule = silence_of(decided, platform=source, day=day)
        if rule.source != source:
            continue
        found.append(_view(decided[rule]) if rule in decided else _default())
    return LessonSilenceList(on=day, lesson_silences=found)


@router.get("/versions")
async def list_lesson_silences(
    rooms: RoomsDep, cursor: Cursor = None, limit: Limit = USUAL_LIMIT
) -> LessonSilencePage:
    """默认确认天数的各个版本，最近的在前。"""
    rows = await rooms.fees.dated.page("lesson_silence", before=before_of(cursor), limit=limit)
    return LessonSilencePage(
        lesson_silences=[_view(row) for row in rows],
        next_cursor=cursor_after([row.id for row in rows], limit=limit),
    )


def _view(decision: Decision) -> LessonSilenceView:
    return LessonSilenceView.model_validate(told(decision))


def _default() -> LessonSilenceView:
    return LessonSilenceView.model_validate(asdict(DEFAULT_SILENCE))
