"""The eight working groups of the plan's annex 2: who leads, who belongs, and what they do."""

from dataclasses import dataclass
from typing import Final

from shared.duties.departments import DEPARTMENTS
from shared.duties.tasks import TOWN_ROW


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group, with its numeral in the annex; what it does is in our own words."""

    code: str
    numeral: str
    name: str
    leads: tuple[str, ...]
    members: tuple[str, ...]
    does: str

    @property
    def id(self) -> str:
        return f"group.{self.code}"

    @property
    def everyone(self) -> tuple[str, ...]:
        return (*self.leads, *self.members)


_BY_FIELD: Final[tuple[Group, ...]] = (
    Group(
        code="general",
        numeral="一",
        name="综合组",
        leads=("education",),
        members=("civil_affairs", "market_regulation"),
        does=(
            "统筹各小组的治理工作和配套政策；召开例会；订计划并督办；汇总进展，编写简报；"
            "与上级沟通汇报。"
        ),
    ),
    Group(
        code="after_school",
        numeral="二",
        name="课后服务组",
        leads=("education",),
        members=(
            *("staffing", "trade_unions", "youth_league", "womens_federation"),
            *("development_reform", "public_security", "finance_bureau"),
            *("human_resources", "culture_tourism_sports"),
        ),
        does=(
            "统筹课后服务：补足教师编制，定收费标准，保障经费，核定绩效工资总额，"
            "维护校园内外的安全和交通，参与暑期托管志愿服务。"
        ),
    ),
    Group(
        code="registration",
        numeral="三",
        name="准入登记组",
        leads=("civil_affairs", "market_regulation"),
        members=("education", "science_tech", "culture_tourism_sports", TOWN_ROW),
        does="统筹机构分类登记，重点是学科类转登记为非营利性；做好非学科类机构的审批。",
    ),
    Group(
        code="enforcement",
        numeral="四",
        name="监管执法组",
        leads=("education", "urban_enforcement"),
        members=(
            *("science_tech", "civil_affairs", "human_resources", "housing_construction"),
            *("culture_tourism_sports", "market_regulation", "tax", "fire_rescue", TOWN_ROW),
        ),
        does="统筹执法力量，落实综合执法；按职责会同主管部门检查各类机构，查处违法违规。",
    ),
    Group(
        code="funds",
        numeral="五",
        name="资金监管组",
        leads=("finance_office", "pboc"),
        members=("education", "public_security", "tax", "cbirc", TOWN_ROW),
        does=(
            "统筹资金风险防范，制定资金监管和风险化解方案；指导银行管控预收费风险；"
            "监管诱导学员贷款的行为；清理机构的融资和上市；管好票据。"
        ),
    ),
    Group(
        code="opinion",
        numeral="六",
        name="舆论引导和舆情管控组",
        leads=("publicity",),
        members=("petitions", "education", "public_security", TOWN_ROW),
        does="引导正面舆论，监测并应对舆情；做好信访投诉工作。",
    ),
    Group(
        code="stability",
        numeral="七",
        name="安全稳定组",
        leads=("political_legal",),
        members=(
            *("foreign_affairs", "petitions", "education", "public_security"),
            *("human_resources", "housing_construction", "health", "fire_rescue", TOWN_ROW),
        ),
        does=(
            "统筹社会稳定：评估风险，研判不稳定因素；检查建筑、防疫、消防、网络等隐患并督促消除；"
            "化解用工风险，服务外籍教师。"
        ),
    ),
)


def _every_member() -> tuple[str, ...]:
    """Return the bodies of the seven other groups, in the city's order, the towns last."""
    named = {body for group in _BY_FIELD for body in group.everyone}
    order = (*(department.code for department in DEPARTMENTS), TOWN_ROW)
    return tuple(code for code in order if code in named)


GROUPS: Final[tuple[Group, ...]] = (
    *_BY_FIELD,
    Group(
        code="supervision",
        numeral="八",
        name="督导督查组",
        leads=("education_supervision",),
        members=_every_member(),
        does="统筹“双减”落实情况的督导督查，定期跟踪各成员单位，看任务是否保质保量完成。",
    ),
)


def groups_of(row: str) -> tuple[Group, ...]:
    """Return the groups a body leads or belongs to; towns share ``TOWN_ROW``."""
    return tuple(group for group in GROUPS if row in group.everyone)
