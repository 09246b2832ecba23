"""What a bank declares of its feed: numbers, balances, and when its silence counts."""

from datetime import date, time, timedelta
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.fund_monitor.api.banks.banks import BankCode
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.domain.banks.feed import (
    USUAL_GRACE,
    USUAL_SILENCE,
    BalanceDays,
    FeedDeclaration,
    Numbering,
    declared_on,
)
from services.fund_monitor.store.banks.banks import BankNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.city_time import city_date
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.iso_date import IsoDate

router = APIRouter(
    prefix="/v1/banks",
    tags=["报送完整性"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)
_MINUTES = int(USUAL_GRACE.total_seconds()) // 60
_HIGHEST = 10**15


class FeedTerms(BaseModel):
    """What holds of a bank's feed."""

    numbering: Numbering = Field(
        default="none",
        description="feed_no 连续编号：none 不编，per_bank 全行一个序列，per_account 每户一个序列",
    )
    first_no: int = Field(default=1, strict=True, ge=0, le=_HIGHEST, description="首个编号")
    balance_after: bool = Field(
        default=False, description="资金交易是否都带 balance_after_fen，据以核对余额链"
    )
    balance_days: BalanceDays | None = Field(
        default=None,
        description="逐日报送 balance 的日子：banking_days 银行营业日，every_day 每天；否则不填",
    )
    balance_until: Annotated[str | None, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = Field(
        default=None, description="当日余额应在何时（本市时间）以前送达", examples=["20:00"]
    )
    grace_minutes: int = Field(
        default=_MINUTES, strict=True, ge=0, le=1_440, description="晚到事件的宽限（分钟）"
    )
    silent_after_days: int = Field(
        default=USUAL_SILENCE,
        strict=True,
        ge=1,
        le=30,
        description="多少个银行营业日无报送视为中断",
    )


class FeedBody(FeedTerms):
    """What holds of a bank's feed from a day on."""

    model_config = ConfigDict(extra="forbid")

    valid_from: IsoDate = Field(description="自该日（按发生时间）起适用，至下一份声明为止")

    @model_validator(mode="after")
    def _balances_have_an_hour(self) -> Self:
        if (self.balance_days is None) != (self.balance_until is None):
            raise ValueError("balance_days 与 balance_until 须同时填写或同时不填")
        return self

    def declaration(self, bank: str) -> FeedDeclaration:
        """Return what is declared as the domain knows it."""
        given = self.model_dump(exclude={"balance_until", "grace_minutes"})
        until = None if self.balance_until is None else time.fromisoformat(self.balance_until)
        grace = timedelta(minutes=self.grace_minutes)
        return FeedDeclaration(bank=bank, balance_until=until, grace=grace, **given)


class DeclaredFeed(FeedTerms):
    """What was declared from a day on."""

    valid_from: date


class FeedView(BaseModel):
    """All that a bank has declared, in order, and which of it holds today."""

    bank: str
    in_force_from: date | None = Field(description="今日适用的声明自何日起；没有则未声明")
    declarations: list[DeclaredFeed]


@router.put("/{bank}/feed", responses=problem.responses(BankNotFound))
async def declare_feed(
    bank: BankCode, body: FeedBody, caller: CallerDep, rooms: RoomsDep
) -> FeedView:
    """声明银行报送的编号、余额和时限；同一起始日再次声明即替换，已报送的事件据以重新核对。"""
    await rooms.feeds.declare(body.declaration(bank), who=Who.of(caller))
    return await _view(bank, rooms)


@router.get("/{bank}/feed", responses=problem.responses(BankNotFound))
async def read_feed(bank: BankCode, rooms: RoomsDep) -> FeedView:
    """查询银行对其报送的声明。"""
    if await rooms.banks.find(bank) is None:
        raise BankNotFound(f"没有代码为 {bank} 的银行")
    return await _view(bank, rooms)


async def _view(bank: str, rooms: RoomsDep) -> FeedView:
    declarations = await rooms.declared.of_bank(bank)
    held = declared_on(declarations, city_date(rooms.now()))
    return FeedView(
        bank=bank,
        in_force_from=None if held is None else held.valid_from,
        declarations=[_declared(one) for one in declarations],
    )


def _declared(given: FeedDeclaration) -> DeclaredFeed:
    until = given.balance_until
    return DeclaredFeed(
        valid_from=given.valid_from,
        numbering=given.numbering,
        first_no=given.first_no,
        balance_after=given.balance_after,
        balance_days=given.balance_days,
        balance_until=None if until is None else until.isoformat("minutes"),
        grace_minutes=int(given.grace.total_seconds()) // 60,
        silent_after_days=given.silent_after_days,
    )
