"""Released money against held lessons (indicators F03 and F12): the differences as findings."""

from collections.abc import Iterable, Sequence

from services.fund_monitor.domain.lessons.matching import OF_RELEASES, TITLES, Difference, Kind
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.limits import FALSE_LESSONS, PREPAID_2021
from shared.city_time import city_month
from shared.rules import RuleCard

UNMATCHED_RELEASE = RuleCard(
    "fund.unmatched_release",
    "划拨与消课不符",
    PREPAID_2021,
    "已有课次或消课确认的培训机构",
    tells_institution=True,
)
LESSON_MISMATCH = RuleCard(
    "fund.lesson_mismatch",
    "消课与合同、到课不符",
    FALSE_LESSONS,
    "已有课次或消课确认的培训机构",
    tells_institution=True,
)
_MOST_EVENTS = 200


def rule_of(kind: Kind) -> RuleCard:
    """Return the rule that a kind of difference breaks."""
    return UNMATCHED_RELEASE if kind in OF_RELEASES else LESSON_MISMATCH


def breaches_by_month(rule: RuleCard, found: Iterable[Difference]) -> dict[str, list[Breach]]:
    """Return a rule's breaches of each month, one for each kind of difference."""
    grouped: dict[str, dict[Kind, list[Difference]]] = {}
    for one in found:
        if rule_of(one.kind) is rule:
            grouped.setdefault(city_month(one.at), {}).setdefault(one.kind, []).append(one)
    return {
        month: [_breach(kind, kinds[kind]) for kind in sorted(kinds)]
        for month, kinds in sorted(grouped.items())
    }


def _breach(kind: Kind, some: Sequence[Difference]) -> Breach:
    red = any(one.level == "red" for one in some)
    fen = sum(one.fen for one in some)
    contracts = {one.contract_no for one in some if one.contract_no is not None}
    amount = f"，共{fen // 100:,}.{fen % 100:02d}元" if fen else ""
    sources = sorted({one.source for one in some})[:_MOST_EVENTS]
    return Breach(
        "red" if red else "yellow",
        f"{TITLES[kind]}：本月{len(some)}笔，涉及{len(contracts)}份合同{amount}",
        tuple(sources),
        {"kind": kind, "differences": len(some), "contracts": len(contracts), "amount_fen": fen},
    )
