"""Who has which duty, and why a finding goes where it goes, over HTTP: the same in every service.

The plan is public and nothing here is about an institution or a person: whoever has a token may
read it. The application's state gives ``clock``, for the name a body has today.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from shared import problem
from shared.city_time import city_date
from shared.clock import Clock
from shared.duties.departments import DEPARTMENTS, TOWNS, body_of, is_known
from shared.duties.explaining import explained
from shared.duties.routing import ROUTES
from shared.duties.views import (
    BodyList,
    BodyView,
    RouteExplanation,
    explanation_of,
    summary_of,
    view_of,
)
from shared.errors import Malformed, NotFound, Unauthenticated


class NoSuchBody(NotFound):
    """No department, group member, town or street has this code."""

    code = "no-such-body"
    title = "没有这个部门或镇街代码"


class NoSuchKind(NotFound):
    """No finding of this kind exists, so none is routed."""

    code = "no-such-kind"
    title = "没有这种线索"


async def _clock(request: Request) -> Clock:
    clock: Clock = request.app.state.clock
    return clock


ClockDep = Annotated[Clock, Depends(_clock)]
Code = Annotated[str, Path(max_length=64)]
CodeAsked = Annotated[str | None, Query(max_length=64)]

_EVERYWHERE = (Unauthenticated, Malformed)

router = APIRouter(prefix="/v1", tags=["duties"])


@router.get("/duties", responses=problem.responses(*_EVERYWHERE))
async def list_duties(clock: ClockDep) -> BodyList:
    """列出方案中有职责的全部部门、成员单位和镇（街道）。"""
    today = city_date(clock.now())
    return BodyList(bodies=[summary_of(body, on=today) for body in (*DEPARTMENTS, *TOWNS)])


@router.get("/duties/{department}", responses=problem.responses(*_EVERYWHERE, NoSuchBody))
async def read_duties(department: Code, clock: ClockDep) -> BodyView:
    """返回一个部门或镇（街道）的职责、任务、所在小组、历次名称，以及送达它的各种线索。"""
    if not is_known(department):
        raise NoSuchBody(f"代码：{department}")
    return view_of(body_of(department), on=city_date(clock.now()))


@router.get("/routes/explain", responses=problem.responses(*_EVERYWHERE, NoSuchKind))
async def explain_route(
    kind: Annotated[str, Query(max_length=64, examples=["fund.coverage"])],
    competent: CodeAsked = None,
    town: CodeAsked = None,
) -> RouteExplanation:
    """说明一种线索送给谁、为什么，以及牵头部门逾期后依次升级到哪里。"""
    if kind not in ROUTES:
        raise NoSuchKind(f"可查的线索种类：{'、'.join(ROUTES)}")
    if competent is not None and not is_known(competent):
        raise Malformed("competent 不是部门代码")
    if town is not None and town not in {body.code for body in TOWNS}:
        raise Malformed("town 不是镇（街道）代码")
    return explanation_of(explained(kind, competent=competent, town=town), competent=competent)
