"""Every department, group member, town and street of the plan, with the code the suite knows it by.

Codes are for good; a name is the plan's own unless it is asked for by a day. The twenty-five
departments and the towns stand in annex 4 of the plan, the five group members only in the groups of
its annex 2.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.duties.names import RENAMED, Name

Kind = Literal["department", "town", "group_member"]


@dataclass(frozen=True, slots=True)
class Department:
    """One body of the city that has a duty under the plan."""

    code: str
    name: str
    kind: Kind


_IN_ANNEX_4 = (
    ("foreign_affairs", "市外事办"),
    ("publicity", "市委宣传部"),
    ("political_legal", "市委政法委"),
    ("staffing", "市委编办"),
    ("petitions", "市信访局"),
    ("development_reform", "市发改局"),
    ("economy_it", "市经信局"),
    ("education", "市教育局"),
    ("science_tech", "市科技局"),
    ("public_security", "市公安局"),
    ("civil_affairs", "市民政局"),
    ("justice", "市司法局"),
    ("human_resources", "市人力社保局"),
    ("housing_construction", "市住建局"),
    ("culture_tourism_sports", "市文旅体局"),
    ("health", "市卫生健康局"),
    ("market_regulation", "市市场监管局"),
    ("finance_office", "市金融办"),
    ("urban_enforcement", "市综合执法局"),
    ("media_center", "市传媒中心"),
    ("data_bureau", "市政务数据办"),
    ("tax", "市税务局"),
    ("pboc", "市人民银行"),
    ("cbirc", "嘉兴银保监分局海宁监管组"),
    ("fire_rescue", "市消防救援大队"),
)

_ONLY_IN_GROUPS = (
    ("finance_bureau", "市财政局"),
    ("youth_league", "团市委"),
    ("womens_federation", "市妇联"),
    ("trade_unions", "市总工会"),
    ("education_supervision", "市政府教育督导委员会办公室"),
)

_TOWNS_AND_STREETS = (
    ("xucun", "许村镇"),
    ("changan", "长安镇（高新区）"),
    ("zhouwangmiao", "周王庙镇"),
    ("xieqiao", "斜桥镇"),
    ("dingqiao", "丁桥镇"),
    ("yanguan", "盐官镇"),
    ("yuanhua", "袁花镇"),
    ("jianshan", "尖山新区（黄湾镇）"),
    ("haizhou", "海洲街道"),
    ("xiashi", "硖石街道"),
    ("haichang", "经济开发区（海昌街道）"),
    ("maqiao", "马桥街道"),
)

DEPARTMENTS: tuple[Department, ...] = (
    *(Department(code, name, "department") for code, name in _IN_ANNEX_4),
    *(Department(code, name, "group_member") for code, name in _ONLY_IN_GROUPS),
)

TOWNS: tuple[Department, ...] = tuple(
    Department(code, name, "town") for code, name in _TOWNS_AND_STREETS
)

SUITE_OPERATOR = "data_bureau"
"""Runs the suite: it is told of every channel that is dead, and replays what was set aside."""

_BY_CODE = {body.code: body for body in (*DEPARTMENTS, *TOWNS)}

ALL_CODES: tuple[str, ...] = tuple(_BY_CODE)


def is_known(code: str) -> bool:
    """Tell whether a code is one of a department, group member, town or street."""
    return code in _BY_CODE


def body_of(code: str) -> Department:
    """Return the department, group member or town of a code; an unknown one is a ``KeyError``."""
    return _BY_CODE[code]


def name_of(code: str, *, on: date | None = None) -> str:
    """Return a body's Chinese name, the plan's own or that of a day; unknown is a ``KeyError``."""
    if on is None:
        return _BY_CODE[code].name
    return next(one.name for one in names_of(code) if one.holds_on(on))


def names_of(code: str) -> tuple[Name, ...]:
    """Return all names of a body, oldest first, the plan's among them."""
    return RENAMED.get(code) or (Name(name=_BY_CODE[code].name, origin="Seed"),)
