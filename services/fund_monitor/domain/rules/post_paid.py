"""Who is filed as paid after the lessons takes nothing in advance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.custody.supervision import ModeHistory
from services.fund_monitor.domain.rules.breach import Breach
from shared.city_time import month_of
from shared.rules import Article, RuleCard

POST_PAID_PREPAYMENT: Final = RuleCard(
    "fund.post_paid_prepayment",
    "备案为先培训后付费的机构仍预收费用",
    Article(
        "教监管函〔2021〕2号",
        "预收费全部纳入监管；备案为先培训后付费而免设账户的，不得预收",
        "P",
        date(2021, 10, 29),
    ),
    "先培训后付费备案已确认的机构",
    tells_institution=True,
    levels=("yellow",),
)
_MOST_EVENTS: Final = 200


@dataclass(frozen=True, slots=True)
class Paid:
    """A deposit that stands, and what it is known to be paid for."""

    identity: str
    day: date
    fen: int
    contract_no: str | None = None
    by_lessons: bool = False
    period_until: date | None = None


def post_paid_institution_takes_nothing_in_advance(
    modes: ModeHistory, paid: Iterable[Paid], contracts: Mapping[str, TrainingContract]
) -> dict[str, list[Breach]]:
    """Return by month what was paid, and what was agreed to be paid, before its lessons."""
    found: dict[str, list[Breach]] = {}
    deposits: dict[str, list[Paid]] = {}
    for one in paid:
        contract = None if one.contract_no is None else contracts.get(one.contract_no)
        if modes.on(one.day) == "post_paid" and is_prepayment(one, contract):
            deposits.setdefault(month_of(one.day), []).append(one)
    for month, some in deposits.items():
        found.setdefault(month, []).append(_of_deposits(some))
    agreed: dict[str, list[TrainingContract]] = {}
    for each in contracts.values():
        if modes.on(each.signed_on) == "post_paid" and asks_for_prepayment(each):
            agreed.setdefault(month_of(each.signed_on), []).append(each)
    for month, signed in agreed.items():
        found.setdefault(month, []).append(_of_contracts(signed))
    return found


def is_prepayment(paid: Paid, contract: TrainingContract | None) -> bool:
    """Tell whether money came before its lessons, as far as the record shows.

    By its contract where one is filed; else by what the bank tells that it pays for. Money of which
    nothing is told is not known to be a fee.
    """
    if contract is not None:
        return contract.supervision != "post_paid" or paid.day < contract.starts_on
    return paid.by_lessons or (paid.period_until is not None and paid.period_until > paid.day)


def asks_for_prepayment(contract: TrainingContract) -> bool:
    """Tell whether a contract is filed as prepaid, or has a part due before its lessons begin."""
    early = any(part.due_on < contract.starts_on for part in contract.instalments)
    return contract.supervision != "post_paid" or early


def _of_deposits(some: list[Paid]) -> Breach:
    fen = sum(one.fen for one in some)
    message = f"已备案先培训后付费，托管账户本月仍预收{len(some)}笔，共{_yuan(fen)}"
    events = tuple(sorted(one.identity for one in some)[:_MOST_EVENTS])
    return Breach("yellow", message, events, {"deposits": len(some), "amount_fen": fen})


def _of_contracts(some: list[TrainingContract]) -> Breach:
    fen = sum(one.price_fen for one in some)
    message = f"已备案先培训后付费，本月仍签订{len(some)}份先付费的合同，价款共{_yuan(fen)}"
    events = tuple(sorted(f"contract:{one.contract_no}" for one in some)[:_MOST_EVENTS])
    return Breach("yellow", message, events, {"contracts": len(some), "price_fen": fen})


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}元"
