"""Sightings: what offices report of advertisements they saw."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, ClassVar, Final

from fastapi import APIRouter, Path, Response

from services.ads_watch.api.deps import DeskDep
from services.ads_watch.api.sighting_bodies import (
    SightingPage,
    SightingReport,
    SightingView,
    sighting_view,
)
from services.ads_watch.app.report_sighting import report_sighting
from services.ads_watch.domain.lead import DESK
from services.ads_watch.store.sightings import Asked, SightingNotFound
from shared.access.enforcement import CallerDep
from shared.access.scopes import TOWN_CODES
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.contracts.ads import Medium
from shared.errors import Forbidden, Rejected, Unauthenticated
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after
from shared.problem import responses

router = APIRouter(prefix="/v1/sightings", tags=["广告巡查"])

_AHEAD: Final = timedelta(minutes=10)


class SeenInTheFuture(Rejected):
    """Nobody saw tomorrow's advertisement."""

    code: ClassVar[str] = "seen-in-the-future"
    title: ClassVar[str] = "发现时间晚于当前时间"


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": SightingView, "description": "The same report came before."},
        **responses(Unauthenticated, Forbidden, SeenInTheFuture, KeyedRequestRunning, KeyReused),
    },
)
async def post_sighting(
    report: SightingReport, caller: CallerDep, desk: DeskDep, once: OnceDep, response: Response
) -> SightingView:
    """上报一则看到的广告：当场检查并保存，违法的移送主管部门并发出预警；同一上报只生效一次。"""
    if caller.office in TOWN_CODES and caller.office != report.town:
        raise Forbidden("镇（街道）只能上报本辖区的广告")
    if report.seen_at > desk.now() + _AHEAD:
        raise SeenInTheFuture("请核对发现时间 seen_at")
    response.status_code = HTTPStatus.OK

    async def work() -> SightingView:
        sighting, new = await report_sighting(
            report.seen(), office=caller.office or DESK, desk=desk, who=Who.of(caller)
        )
        if new:
            response.status_code = HTTPStatus.CREATED
        return sighting_view(sighting)

    answer = await once.after(SightingView, work)
    response.headers["Location"] = f"{router.prefix}/{answer.sighting_id}"
    return answer


@router.get("", responses=responses(Unauthenticated, Forbidden))
async def list_sightings(
    caller: CallerDep,
    desk: DeskDep,
    *,
    medium: Medium | None = None,
    unlawful: bool | None = None,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> SightingPage:
    """列出上报的广告，最新的在前；镇（街道）只见本辖区的。"""
    found = await desk.sightings.page(
        Asked(
            town=_own_town(caller),
            medium=medium,
            unlawful=unlawful,
            before=before_of(cursor),
            limit=limit,
        )
    )
    return SightingPage(
        sightings=[sighting_view(sighting) for sighting in found],
        next_cursor=cursor_after([sighting.sighting_id for sighting in found], limit=limit),
    )


@router.get("/{sighting_id}", responses=responses(Unauthenticated, Forbidden, SightingNotFound))
async def read_sighting(
    sighting_id: Annotated[str, Path(max_length=64)], caller: CallerDep, desk: DeskDep
) -> SightingView:
    """返回一条上报及其检查结论。"""
    sighting = await desk.sightings.get(sighting_id)
    if _own_town(caller) not in (None, sighting.seen.town):
        raise SightingNotFound("没有这个编号的上报，或它不在您的辖区。")
    return sighting_view(sighting)


def _own_town(caller: Caller) -> str | None:
    return caller.office if caller.office in TOWN_CODES else None
