"""What the fee rules say of a contract before it is filed: each with why, and what is lawful."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from dateutil.relativedelta import relativedelta

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.fees.fee_rules import FeeBook
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.fee_cards import (
    EARLIEST_MONTHS,
    FEE_CEILING,
    FEE_CEILING_SUBJECT,
    FEE_EARLY,
    FEE_LESSONS,
    FEE_PERIOD,
    GUIDE_PRICE,
    MOST_ABOVE_BASE,
)
from services.fund_monitor.domain.rules.fee_collections import (
    Collection,
    bought,
    collections,
    planned,
)
from services.fund_monitor.domain.rules.fees import (
    Left,
    collected_in_time,
    lessons_within_limit,
    period_within_limit,
    sum_within_ceiling,
    yuan,
)
from services.fund_monitor.domain.rules.guide_price import (
    base_of,
    has_guide_price,
    price_within_guide,
)
from services.fund_monitor.domain.rules.limits import MOST_MONTHS
from shared.rules import RuleCard

Outcome = Literal["lawful", "unlawful", "warning", "not_judged"]


@dataclass(frozen=True, slots=True)
class Explained:
    """What one rule says: whether it is lawful, why, and what would be."""

    card: RuleCard
    outcome: Outcome
    why: str
    lawful_is: str


def check_contract(
    contract: TrainingContract,
    others: Sequence[TrainingContract],
    book: FeeBook,
    *,
    left: Left,
) -> list[Explained]:
    """Judge what a contract agrees on, together with the pupil's others in the subject."""
    group = {one.contract_no: one for one in (*others, contract)}
    agreed = [
        one
        for one in collections(bought(group, planned(group.values()), book), book)
        if any(part.contract.contract_no == contract.contract_no for part in one.parts)
    ]
    return [
        _lessons(agreed),
        _period(contract, agreed),
        _ceiling(contract, agreed, book),
        _early(contract, agreed, left),
        _price(contract, book),
    ]


def _lessons(agreed: Sequence[Collection]) -> Explained:
    found = _first(lessons_within_limit(one) for one in agreed)
    return _explained(FEE_LESSONS, found, "同一科目一次收取不超过60课时（60课时合规）")


def _period(contract: TrainingContract, agreed: Sequence[Collection]) -> Explained:
    lawful = "一次收取的服务期，首日至末日不满3个月"
    if contract.period_from is not None:
        end = contract.period_from + relativedelta(months=MOST_MONTHS)
        lawful += f"：自{contract.period_from}起的，应在{end}之前结束"
    if contract.lessons is not None and contract.period_until is not None:
        lawful += "；同时按课时和周期收费的，两项限额均须符合，以较短者为准"
    return _explained(FEE_PERIOD, _first(period_within_limit(one) for one in agreed), lawful)


def _ceiling(contract: TrainingContract, agreed: Sequence[Collection], book: FeeBook) -> Explained:
    subject = contract.course_kind == "subject"
    card = FEE_CEILING_SUBJECT if subject else FEE_CEILING
    policy = book.policy(contract.signed_on)
    ceiling = policy.ceiling_fen(contract.course_kind)
    if ceiling is None:
        return Explained(card, "not_judged", "该类课程未设单次收费限额", "不作限制")
    found = _first(sum_within_ceiling(one, book.policy(one.day)) for one in agreed)
    lawful = f"{policy.window_days}日内对同一学员同一科目的收费合计不超过{yuan(ceiling)}"
    return _explained(card, found, lawful, breached="warning" if subject else "unlawful")


def _early(contract: TrainingContract, agreed: Sequence[Collection], left: Left) -> Explained:
    earliest = contract.starts_on - relativedelta(months=EARLIEST_MONTHS)
    lawful = f"最早{earliest}收费（开课前1个月）"
    if contract.period_until is None:
        lawful += "；按课时续费的，该科目剩余不多于20课时也可收费"
    own = sorted(
        {
            part.payment.day
            for one in agreed
            for part in one.parts
            if part.contract.contract_no == contract.contract_no
        }
    )
    found = _first(
        collected_in_time(contract, day, left, evidence=contract.contract_no) for day in own
    )
    return _explained(FEE_EARLY, found, lawful)


def _price(contract: TrainingContract, book: FeeBook) -> Explained:
    if not has_guide_price(contract):
        why = "仅义务教育阶段学科类执行政府指导价"
        return Explained(GUIDE_PRICE, "not_judged", why, "由机构自主定价，明码标价")
    guide = book.price(contract.mode, contract.signed_on)
    if guide is None:
        why = f"没有载入{contract.signed_on}执行的政府指导价，不作判断"
        return Explained(GUIDE_PRICE, "not_judged", why, "以市发改局公布的标准为准")
    base = base_of(contract, guide)
    if base is None:
        why = "合同未约定课时，无法与政府指导价比较"
        return Explained(GUIDE_PRICE, "not_judged", why, "约定课时数和每课时分钟数")
    most = _floor(base * MOST_ABOVE_BASE)
    lawful = f"按{guide.doc_no}，基准价{yuan(_floor(base))}，上浮后最高{yuan(most)}"
    found = price_within_guide(contract, guide)
    grave = found is not None and found.level == "red"
    return _explained(GUIDE_PRICE, found, lawful, breached="unlawful" if grave else "warning")


def _explained(
    card: RuleCard, found: Breach | None, lawful_is: str, *, breached: Outcome = "unlawful"
) -> Explained:
    if found is None:
        return Explained(card, "lawful", "符合规定", lawful_is)
    return Explained(card, breached, found.message, lawful_is)


def _first(found: Iterable[Breach | None]) -> Breach | None:
    """The gravest, the first when equal."""
    breaches = [one for one in found if one is not None]
    reds = [one for one in breaches if one.level == "red"]
    return next(iter(reds or breaches), None)


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator
