"""Money for an institution that the registry does not know, or whose licence it has revoked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.limits import BANK_INTERFACE, PLAN_ANNEX_4
from shared.city_time import city_date, city_month
from shared.rules import RuleCard

UNREGISTERED_MONEY = RuleCard(
    "fund.unregistered_money",
    "未登记或已吊销机构仍有资金流入",
    PLAN_ANNEX_4,
    "所有监管账户",
    levels=("red",),
)
IDENTITY_CONFLICT = RuleCard(
    "fund.identity_conflict",
    "银行以同一交易标识报送不同内容",
    BANK_INTERFACE,
    "所有报送银行",
    levels=("yellow",),
)


@dataclass(frozen=True, slots=True)
class Inflow:
    """One posted deposit or opening balance."""

    identity: str
    occurred_at: datetime
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Registration:
    """What the registry's state says of an institution, as far as money is concerned."""

    institution_id: str
    name: str
    competent_department: str
    revoked_on: date | None


def money_is_for_a_registered_institution(
    registration: Registration | None, inflows: Sequence[Inflow], *, month: str
) -> list[Breach]:
    """Money may only come in for an institution that is registered and not revoked on that day."""
    here = [
        inflow
        for inflow in inflows
        if city_month(inflow.occurred_at) == month and not _registered(registration, inflow)
    ]
    if not here:
        return []
    state = "登记状态中没有该机构" if registration is None else "该机构办学许可已被吊销"
    fen = sum(inflow.amount_fen for inflow in here)
    message = f"{state}，账户本月仍流入{len(here)}笔，共{fen // 100:,}.{fen % 100:02d}元"
    events = tuple(sorted(inflow.identity for inflow in here))
    return [Breach("red", message, events, {"inflows": len(here), "amount_fen": fen})]


def _registered(registration: Registration | None, inflow: Inflow) -> bool:
    if registration is None:
        return False
    revoked_on = registration.revoked_on
    return revoked_on is None or city_date(inflow.occurred_at) < revoked_on
