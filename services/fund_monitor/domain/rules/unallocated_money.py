"""Money that nobody has put under a contract in time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.limits import ALLOCATION_WORKING_DAYS, UNALLOCATED
from shared.city_time import city_date, city_month
from shared.rules import RuleCard

UNALLOCATED_MONEY = RuleCard(
    "fund.unallocated_money",
    "收款逾期未对应到合同",
    UNALLOCATED,
    "已备案合同的机构",
    levels=("yellow",),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A posted deposit that names no contract and has not been allocated."""

    identity: str
    account: str
    occurred_at: datetime
    amount_fen: int
    lessons: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """Until when a deposit should stand under a contract, and whether that is an estimate."""

    deposit: Waiting
    at: datetime
    provisional: bool


def money_is_allocated_in_time(due: Iterable[Due], *, now: datetime) -> dict[str, list[Breach]]:
    """Money stands under a contract within 3 working days; an estimated day finds nothing."""
    late: dict[str, list[Waiting]] = {}
    for one in due:
        if not one.provisional and one.at <= now:
            late.setdefault(city_month(one.deposit.occurred_at), []).append(one.deposit)
    return {month: [_breach(some)] for month, some in sorted(late.items())}


def look_again_on(due: Iterable[Due], *, now: datetime) -> date | None:
    """Return the day on which the next deadline has passed; an estimated one may move daily."""
    tomorrow = city_date(now) + timedelta(days=1)
    return min(
        (max(city_date(each.at), tomorrow) for each in due if each.provisional or each.at > now),
        default=None,
    )


def _breach(late: Sequence[Waiting]) -> Breach:
    fen = sum(one.amount_fen for one in late)
    message = (
        f"本月有{len(late)}笔收款未报合同号，超过{ALLOCATION_WORKING_DAYS}个工作日仍未认领到合同，"
        f"共{fen // 100:,}.{fen % 100:02d}元"
    )
    events = tuple(sorted(one.identity for one in late))
    return Breach("yellow", message, events, {"deposits": len(late), "amount_fen": fen})
