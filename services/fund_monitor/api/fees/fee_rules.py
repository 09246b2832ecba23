"""Dated data of the fee rules: guide prices of 市发改局, and thresholds of the offices of funds."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.app.fees.decide_fees import Deciding, decide
from services.fund_monitor.domain.fees.fee_rules import (
    DEFAULT_POLICY,
    FeePolicy,
    GuidePrice,
    in_force_on,
)
from services.fund_monitor.store.fees.fee_rules import Decision
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.city_time import city_date
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.iso_date import IsoDate
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after
from shared.plain_text import ONE_LINE

router = APIRouter(
    prefix="/v1",
    tags=["收费规则"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)

_MOST_FEN = 10**9
Price = Annotated[int, Field(strict=True, ge=1, le=_MOST_FEN)]
Ceiling = Annotated[int, Field(strict=True, ge=1, le=_MOST_FEN)]
Mode = Literal["offline", "online"]
EffectiveFrom = Annotated[IsoDate, Path(description="自该日起执行")]


class DatedBody(BaseModel):
    """What every decision says: until when, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effective_until: IsoDate | None = Field(
        default=None, description="自该日起不再执行；与起始日相同即为撤销"
    )
    reason: str = Field(min_length=1, max_length=500, pattern=ONE_LINE)


class GuidePriceBody(DatedBody):
    """The base prices of one standard lesson (30 minutes online, 45 offline), in fen."""

    doc_no: str = Field(min_length=1, max_length=100, pattern=ONE_LINE, description="文号")
    under_10_fen: Price
    from_10_to_35_fen: Price
    over_35_fen: Price

    @model_validator(mode="after")
    def _dearer_when_smaller(self) -> Self:
        if not self.under_10_fen >= self.from_10_to_35_fen >= self.over_35_fen:
            raise ValueError("班级人数越多，基准价不得越高")
        return self


class FeePolicyBody(DatedBody):
    """The thresholds of collections; a ceiling of null does not judge."""

    window_days: int = Field(default=7, strict=True, ge=0, le=90)
    ceiling_non_subject_fen: Ceiling | None = 500_000
    ceiling_subject_fen: Ceiling | None = 500_000
    lesson_count: Literal["lessons", "standard"] = Field(
        default="lessons", description="按约定课时，或按标准课时（线上30分钟、线下45分钟）折算"
    )


class DecisionView(BaseModel):
    """Who decided a version, why and when; absent where nobody has decided yet."""

    version: int
    effective_from: date | None
    effective_until: date | None
    office: str | None = None
    reason: str | None = None
    decided_at: datetime | None = None


class GuidePriceView(DecisionView):
    """One version of the guide prices of a mode."""

    mode: Mode
    doc_no: str
    under_10_fen: int
    from_10_to_35_fen: int
    over_35_fen: int


class FeePolicyView(DecisionView):
    """One version of the thresholds; version 0 is what is proposed by default."""

    window_days: int
    ceiling_non_subject_fen: int | None
    ceiling_subject_fen: int | None
    lesson_count: Literal["lessons", "standard"]


class GuidePriceList(BaseModel):
    """Guide prices in force on a day; none where none are loaded, and nothing is judged then."""

    on: date
    guide_prices: list[GuidePriceView]


class GuidePricePage(BaseModel):
    """All versions, the newest first."""

    guide_prices: list[GuidePriceView]
    next_cursor: str | None = None


class FeePolicyPage(BaseModel):
    """All versions, the newest first."""

    fee_policies: list[FeePolicyView]
    next_cursor: str | None = None


Day = Annotated[IsoDate | None, Query(description="按该日读取，默认今天")]


@router.put("/guide-prices/{mode}/{effective_from}")
async def put_guide_price(
    mode: Annotated[Mode, Path()],
    effective_from: EffectiveFrom,
    body: GuidePriceBody,
    caller: CallerDep,
    rooms: RoomsDep,
) -> GuidePriceView:
    """载入政府指导价：按文件分线上、线下和班型；内容不同为新版本，有关机构重新判断。"""
    given = body.model_dump(exclude={"reason"})
    in_order(effective_from, body)
    price = GuidePrice(mode=mode, effective_from=effective_from, **given)
    by = Deciding(Who.of(caller), body.reason, rooms.now())
    return _price(await decide(price, desk=rooms.fees, by=by))


@router.get("/guide-prices")
async def read_guide_prices(rooms: RoomsDep, on: Day = None) -> GuidePriceList:
    """某日执行的政府指导价；没有载入的不作判断。"""
    day = on or city_date(rooms.now())
    known = await rooms.fees.dated.decisions("guide_price")
    found = [_in_force(known, day, mode) for mode in ("offline", "online")]
    return GuidePriceList(on=day, guide_prices=[_price(one) for one in found if one is not None])


@router.get("/guide-prices/versions")
async def list_guide_prices(
    rooms: RoomsDep, cursor: Cursor = None, limit: Limit = USUAL_LIMIT
) -> GuidePricePage:
    """政府指导价的各个版本，最近的在前。"""
    rows = await rooms.fees.dated.page("guide_price", before=before_of(cursor), limit=limit)
    return GuidePricePage(
        guide_prices=[_price(row) for row in rows],
        next_cursor=cursor_after([row.id for row in rows], limit=limit),
    )


@router.put("/fee-policies/{effective_from}")
async def put_fee_policy(
    effective_from: EffectiveFrom, body: FeePolicyBody, caller: CallerDep, rooms: RoomsDep
) -> FeePolicyView:
    """设定收费规则的参数（建议值）：合并天数、单次限额、课时计法；内容不同为新版本。"""
    in_order(effective_from, body)
    policy = FeePolicy(effective_from=effective_from, **body.model_dump(exclude={"reason"}))
    by = Deciding(Who.of(caller), body.reason, rooms.now())
    return _policy(await decide(policy, desk=rooms.fees, by=by))


@router.get("/fee-policies")
async def read_fee_policy(rooms: RoomsDep, on: Day = None) -> FeePolicyView:
    """某日执行的参数；没有设定的为默认值，版本为0。"""
    day = on or city_date(rooms.now())
    found = _in_force(await rooms.fees.dated.decisions("policy"), day, None)
    if found is not None:
        return _policy(found)
    given = asdict(DEFAULT_POLICY)
    return FeePolicyView.model_validate({**given, "effective_from": None})


@router.get("/fee-policies/versions")
async def list_fee_policies(
    rooms: RoomsDep, cursor: Cursor = None, limit: Limit = USUAL_LIMIT
) -> FeePolicyPage:
    """参数的各个版本，最近的在前。"""
    rows = await rooms.fees.dated.page("policy", before=before_of(cursor), limit=limit)
    return FeePolicyPage(
        fee_policies=[_policy(row) for row in rows],
        next_cursor=cursor_after([row.id for row in rows], limit=limit),
    )


def in_order(effective_from: date, body: DatedBody) -> None:
    """Refuse an end before the beginning."""
    if body.effective_until is not None and body.effective_until < effective_from:
        said = "不得早于起始日"
        raise Malformed(said, fields=(("/effective_until", said),))


def _in_force(known: list[Decision], day: date, mode: str | None) -> Decision | None:
    by_data = {one.data: one for one in known if mode in (None, getattr(one.data, "mode", None))}
    found = in_force_on(by_data, day)
    return None if found is None else by_data[found]


def _price(decision: Decision) -> GuidePriceView:
    return GuidePriceView.model_validate(told(decision))


def _policy(decision: Decision) -> FeePolicyView:
    return FeePolicyView.model_validate(told(decision))


def told(decision: Decision) -> dict[str, object]:
    """Return a decision as it is read."""
    return {
        **asdict(decision.data),
        "office": decision.office,
        "reason": decision.reason,
        "decided_at": decision.decided_at,
    }
