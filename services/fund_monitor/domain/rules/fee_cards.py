"""The fee rules on filed contracts: where each is written, and its fixed numbers."""

from datetime import date
from fractions import Fraction
from typing import Final

from services.fund_monitor.domain.rules.limits import PLAN_24
from shared.rules import Article, RuleCard

_PREPAID: Final = "教监管函〔2021〕2号"
_PREPAID_FROM: Final = date(2021, 10, 29)
_CEILING_FROM: Final = date(2022, 12, 1)

FEE_LESSONS: Final = RuleCard(
    "fund.fee_lessons",
    "一次收取的课时超过60课时",
    PLAN_24,
    "按课时收费的合同，线上线下、学科类和非学科类，所有学段",
    tells_institution=True,
)
FEE_PERIOD: Final = RuleCard(
    "fund.fee_period",
    "一次收取的服务期跨度超过3个月",
    PLAN_24,
    "按周期收费的合同，线上线下、学科类和非学科类，所有学段",
    tells_institution=True,
)
FEE_CEILING: Final = RuleCard(
    "fund.fee_ceiling",
    "非学科类一次收费超过限额",
    Article("十三部门2022年12月非学科类培训意见", "一次收费不超过5000元", "S", _CEILING_FROM),
    "非学科类合同，线上线下，所有学段",
    tells_institution=True,
)
FEE_CEILING_SUBJECT: Final = RuleCard(
    "fund.fee_ceiling_subject",
    "学科类一次收费超过提示额",
    Article("预收费资金监管指标 F06", "学科类一次收费超过5000元作提示", "P", _CEILING_FROM),
    "学科类合同，线上线下，所有学段",
    tells_institution=True,
)
FEE_EARLY: Final = RuleCard(
    "fund.fee_early",
    "过早收费",
    Article(
        _PREPAID,
        "不早于新课开始前1个月收费；按课时续费的，剩余课时不多于20课时",
        "S",
        _PREPAID_FROM,
    ),
    "所有预收费合同，线上线下、学科类和非学科类，所有学段",
    tells_institution=True,
)
GUIDE_PRICE: Final = RuleCard(
    "fund.guide_price",
    "学科类收费高于政府指导价",
    Article(
        "发改价格〔2021〕1279号、浙发改价格〔2021〕378号",
        "义务教育阶段学科类按班型和课时长度执行政府指导价，上浮不超过10%",
        "S",
        date(2021, 9, 1),
    ),
    "义务教育阶段学科类合同，线上线下",
    tells_institution=True,
)
COLLECTION_RULES: Final = (FEE_LESSONS, FEE_PERIOD, FEE_CEILING, FEE_CEILING_SUBJECT)
FEE_RULES: Final = (*COLLECTION_RULES, FEE_EARLY, GUIDE_PRICE)
BY_CODE: Final = {card.code: card for card in FEE_RULES}

UNIT_MINUTES: Final = {"online": 30, "offline": 45}
"""The length of a standard lesson; another length costs and counts pro rata."""
MOST_LEFT: Final = 20
"""Lessons that may be left in a subject when the next ones are paid for."""
EARLIEST_MONTHS: Final = 1
MOST_ABOVE_BASE: Final = Fraction(110, 100)
