"""Which departments a kind of finding goes to, in which role, and by which line of the plan.

Every party is there on grounds: ids of tasks, groups and duties. A reason names them as the plan
numbers them and says in our own words why.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from shared.duties.annex4 import Duty
from shared.duties.departments import name_of
from shared.duties.grounds import cited, ground
from shared.duties.tasks import TOWN_ROW

Role = Literal["lead", "assist", "inform"]

# Stands for the department in charge of the institution concerned, which the caller derives.
COMPETENT: Final = "competent"

ROLE_NAMES: Final[dict[Role, str]] = {"lead": "牵头", "assist": "协同", "inform": "知会"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One department that receives an alert, its role, and why it is that department's matter."""

    department: str
    role: Role
    reason: str
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoutingDecision:
    """To whom one case goes. The lead comes first in the deliveries; nobody appears twice."""

    lead: str
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """A department in a route, or ``COMPETENT``, and the grounds on which it is there."""

    department: str
    grounds: tuple[str, ...]
    says: str

    @property
    def reason(self) -> str:
        return f"{cited(self.grounds)}：{self.says}"


@dataclass(frozen=True, slots=True)
class Route:
    """Where one kind of finding goes; ``town`` says why the town of the institution is informed.

    ``of_platform`` leads where the finding is about a platform: no register says who is in charge.
    """

    lead: Party
    assist: tuple[Party, ...] = ()
    inform: tuple[Party, ...] = ()
    town: Party | None = None
    of_platform: Party | None = None

    @property
    def parties(self) -> tuple[tuple[Role, Party], ...]:
        """Everyone in the route with its role, the lead first."""
        return (
            ("lead", self.lead),
            *(("assist", party) for party in self.assist),
            *(("inform", party) for party in self.inform),
        )


def _by_duty(identifier: str) -> Party:
    """Return a body that is there for what one clause of annex 4 asks of it, in those words."""
    duty = ground(identifier)
    if not isinstance(duty, Duty):
        raise TypeError(identifier)
    return Party(duty.body, (duty.id,), duty.text)


_IN_CHARGE: Final[tuple[Party, ...]] = (
    Party(
        "education",
        ("task.18", "education.2"),
        "学科类培训机构的主管部门，负责其日常监管。",
    ),
    Party(
        "culture_tourism_sports",
        ("task.18", "culture_tourism_sports.1", "culture_tourism_sports.2"),
        "文化艺术类、体育类培训机构的主管部门，负责对其监管。",
    ),
    Party(
        "science_tech",
        ("task.18", "science_tech.1", "science_tech.2"),
        "科技创新类培训机构的主管部门，负责对其监管。",
    ),
)
WHERE_NONE_IS: Final = Party(
    "education",
    ("education.1",),
    "尚不能确定该机构的主管部门，由统筹协调“双减”工作的市教育局牵头。",
)
"""Who leads while nobody knows which of the three is in charge."""

COMPETENT_DEPARTMENTS: Final[dict[str, str]] = {
    party.department: party.reason for party in _IN_CHARGE
}
"""Why each of the three is in charge of its institutions."""

_CUSTODY_RECEIPTS = (
    _by_duty("pboc.1"),
    _by_duty("cbirc.1"),
    Party("finance_office", ("group.funds", "finance_office.1"), "牵头资金监管组，防控金融风险。"),
)

_OF_ADVERTISING: Final = Party(
    "market_regulation",
    ("task.25", "market_regulation.3"),
    "监管广告宣传，查处夸大培训效果、误导家长的培训广告。",
)
_IN_CHARGE_OF_TIMES = Party(COMPETENT, ("task.21",), "监管所主管机构的培训日期、结束时间和课时。")
_IN_CHARGE_BEFORE_SCHOOL_AGE = Party(
    COMPETENT, ("task.22",), "监管所主管机构，不得对学龄前儿童开展线上培训或学科类培训。"
)
_ONLINE = (_by_duty("economy_it.1"),)
_IN_CHARGE_OF_CONTENT = Party(
    COMPETENT, ("task.22",), "规范所主管机构的培训内容和行为，核对备案的课程、教师和教室。"
)
_ITS_TOWN: Final = Party(
    TOWN_ROW,
    ("towns.3", "towns.4"),
    "对辖区内培训机构作日常监管，发现违法违规的线索并督促整改。",
)
_CONTENT = Route(lead=_IN_CHARGE_OF_CONTENT, town=_ITS_TOWN)
_TIMES = Route(lead=_IN_CHARGE_OF_TIMES, town=_ITS_TOWN)
_ONLINE_TIMES = Route(lead=_IN_CHARGE_OF_TIMES, assist=_ONLINE, town=_ITS_TOWN)
_HELD = Route(
    lead=Party(COMPETENT, ("task.21",), "核查所主管机构实际上课与备案是否相符。"),
    town=_ITS_TOWN,
)
_PRACTICE = Route(
    lead=_IN_CHARGE_OF_CONTENT,
    town=_ITS_TOWN,
    of_platform=Party(
        "economy_it",
        ("task.22", "economy_it.1"),
        "协助监管线上培训，让违规的平台和应用停办、下架。",
    ),
)
_HOMEWORK = replace(
    _PRACTICE, lead=Party(COMPETENT, ("task.21",), "监管所主管机构，不得以任何形式留作业。")
)
_FEES = Route(
    lead=Party(COMPETENT, ("task.24",), "管理所主管机构按合同一次收取的费用。"),
    assist=(_by_duty("market_regulation.7"),),
    inform=_CUSTODY_RECEIPTS,
)

_ACCOUNTS = Route(
    lead=Party(COMPETENT, ("task.24",), "核查所主管机构的培训费专户：备案、名称、余额与冻结。"),
    inform=_CUSTODY_RECEIPTS,
)

ROUTES: Final[dict[str, Route]] = {
    "schedule.statutory_holiday": _TIMES,
    "schedule.rest_day": _TIMES,
    "schedule.adjusted_workday": _TIMES,
    "schedule.long_break": _TIMES,
    "schedule.other_break": _TIMES,
    "schedule.childrens_day": _TIMES,
    "schedule.school_hours": _TIMES,
    "schedule.offline_end": _TIMES,
    "schedule.offline_end_2021": _TIMES,
    "schedule.offline_end_2018": _TIMES,
    "schedule.online_end": _ONLINE_TIMES,
    "schedule.online_end_2021": _ONLINE_TIMES,
    "schedule.online_end_2019": _ONLINE_TIMES,
    "schedule.online_length": _ONLINE_TIMES,
    "schedule.online_length_2019": _ONLINE_TIMES,
    "schedule.online_gap": _ONLINE_TIMES,
    "schedule.online_gap_2019": _ONLINE_TIMES,
    "schedule.student_gap": _ONLINE_TIMES,
    "schedule.student_gap_2019": _ONLINE_TIMES,
    "schedule.unfiled_course": _CONTENT,
    "schedule.subject_content": _CONTENT,
    "schedule.recorded_for_live": Route(lead=_IN_CHARGE_OF_CONTENT, assist=_ONLINE, town=_ITS_TOWN),
    "schedule.teacher_overlap": _CONTENT,
    "schedule.room_overlap": _CONTENT,
    "schedule.capacity": _CONTENT,
    "schedule.preschool_online": Route(
        lead=_IN_CHARGE_BEFORE_SCHOOL_AGE, assist=_ONLINE, town=_ITS_TOWN
    ),
    "schedule.preschool_subject": Route(lead=_IN_CHARGE_BEFORE_SCHOOL_AGE, town=_ITS_TOWN),
    "schedule.held_unfiled": _HELD,
    "schedule.held_cancelled": _HELD,
    "schedule.held_moved": _HELD,
    "schedule.held_overran": _HELD,
    "schedule.held_unlawful": _HELD,
    "schedule.homework_words": _CONTENT,
    "schedule.ahead_words": _CONTENT,
    "schedule.contest_words": _CONTENT,
    "schedule.overseas_words": _CONTENT,
    "schedule.homework": _HOMEWORK,
    "schedule.homework_2021": _HOMEWORK,
    "schedule.homework_2018": _HOMEWORK,
    "schedule.ahead_of_standard": _PRACTICE,
    "schedule.ahead_of_standard_2018": _PRACTICE,
    "schedule.graded_exam": _PRACTICE,
    "schedule.graded_exam_2018": _PRACTICE,
    "schedule.contest": _PRACTICE,
    "schedule.contest_2018": _PRACTICE,
    "schedule.ranking": _PRACTICE,
    "schedule.ranking_2018": _PRACTICE,
    "schedule.overseas_curriculum": _PRACTICE,
    "schedule.photo_search": _PRACTICE,
    "schedule.subject_teaching": _PRACTICE,
    "schedule.recorded_teaching": _PRACTICE,
    "schedule.held_after_refusal": _HELD,
    "schedule.takedown_overdue": Route(
        lead=_by_duty("economy_it.1"),
        inform=(
            Party(COMPETENT, ("task.21",), "所主管机构的线上课被要求下架、停课或整改，逾期未办。"),
        ),
    ),
    "registry.unapproved_site": Route(
        lead=Party(
            COMPETENT,
            ("task.17", "task.18"),
            "核查所主管机构为何在未经许可的地点或无有效许可上课。",
        ),
        town=_ITS_TOWN,
    ),
    "fund.over_collection": Route(
        lead=Party(
            COMPETENT, ("task.24",), "管理所主管机构的收费，不得一次收取超过3个月或60课时的费用。"
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.fee_lessons": _FEES,
    "fund.fee_period": _FEES,
    "fund.fee_ceiling": _FEES,
    "fund.fee_ceiling_subject": _FEES,
    "fund.fee_early": _FEES,
    "fund.guide_price": Route(
        lead=Party(COMPETENT, ("task.24",), "管理所主管机构的收费，执行政府指导价。"),
        assist=(_by_duty("development_reform.2"), _by_duty("market_regulation.6")),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.coverage": Route(
        lead=Party(COMPETENT, ("task.24",), "对所主管机构的预收费作风险管控。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.unallocated_money": Route(
        lead=Party(COMPETENT, ("task.24",), "督促所主管机构将收款及时对应到合同。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.unmatched_release": Route(
        lead=Party(COMPETENT, ("task.24",), "核查所主管机构未与授课同步、同比例的资金划拨。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.lesson_mismatch": Route(
        lead=Party(COMPETENT, ("task.24",), "核查所主管机构与合同、到课人数不符的消课。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.unregistered_money": Route(
        lead=Party(
            COMPETENT, ("task.24", "task.28"), "核查未登记或已注销的机构为何仍在收取培训费。"
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.refund_surge": Route(
        lead=Party(COMPETENT, ("task.24",), "核查所主管机构的退费申请为何激增，防范卷款停办。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.refund_overdue": Route(
        lead=Party(COMPETENT, ("task.24",), "督促所主管机构按时退还已同意或已决定退还的费用。"),
        assist=(_by_duty("market_regulation.7"),),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.refund_route": Route(
        lead=Party(COMPETENT, ("task.24",), "核查所主管机构的退费为何不由原收款账户退回。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.second_account": _ACCOUNTS,
    "fund.account_name": _ACCOUNTS,
    "fund.account_unfiled": _ACCOUNTS,
    "fund.account_frozen": _ACCOUNTS,
    "fund.frozen_account_outflow": _ACCOUNTS,
    "fund.closed_account_inflow": _ACCOUNTS,
    "fund.closed_account_outflow": _ACCOUNTS,
    "fund.opening_balance": _ACCOUNTS,
    "fund.post_paid_prepayment": Route(
        lead=Party(COMPETENT, ("task.24",), "核查所主管机构备案为先培训后付费，为何仍预收费用。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.risk_deposit": Route(
        lead=Party(COMPETENT, ("task.24",), "督促所主管机构补足风险保证金。"),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.bank_silent": Route(
        lead=Party(
            "pboc", ("pboc.1",), "指导银行管好培训费专户，查明银行为何停止报送，督促其恢复。"
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.difference_overdue": Route(
        lead=Party(
            "pboc", ("pboc.1",), "指导银行管好培训费专户，督促其说明报送与余额、对账文件的差异。"
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
    "fund.identity_conflict": Route(
        lead=Party(
            "pboc",
            ("pboc.1",),
            "指导银行管好培训费专户，核查银行以同一流水报送的不同内容。",
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
    "ads.content": Route(
        lead=_OF_ADVERTISING,
    ),
    "ads.subject_training": Route(
        lead=_OF_ADVERTISING,
        assist=(
            Party(
                "education",
                ("task.25", "education.2"),
                "学科类培训机构的主管部门，广告背后的培训由其监管。",
            ),
        ),
    ),
    "ads.placement_media": Route(
        lead=Party(
            "publicity",
            ("task.25", "publicity.4"),
            "管住主流媒体、新媒体和网络平台，不让培训广告出现。",
        ),
        assist=(_OF_ADVERTISING,),
    ),
    "ads.placement_outdoor": Route(
        lead=Party(
            "urban_enforcement",
            ("task.25", "urban_enforcement.1"),
            "查处公共场所、居民区违法设置的户外培训广告。",
        ),
        assist=(_OF_ADVERTISING,),
        inform=(_by_duty("publicity.4"),),
    ),
    "ads.placement_school": Route(
        lead=Party(
            "education",
            ("task.26", "education.3"),
            "校园、教材、校服、校车上不得有商业广告，查处机构与学校勾连。",
        ),
        assist=(
            Party(
                "market_regulation",
                ("task.26", "market_regulation.3"),
                "监管广告，查处利用校园和学生用品发布的广告。",
            ),
        ),
    ),
}


def route(kind: str, *, competent: str | None, town: str | None = None) -> RoutingDecision:
    """Decide where a finding of this kind goes, given who is in charge and its town, if known."""
    planned = ROUTES[kind]
    lead = _delivery(planned.lead, "lead", competent)
    return RoutingDecision(
        lead.department,
        (
            lead,
            *_others(planned.assist, "assist", competent, besides={lead.department}),
            *_others(
                planned.inform,
                "inform",
                competent,
                besides={lead.department, *(party.department for party in planned.assist)},
            ),
            *_of_its_town(planned, town),
        ),
    )


def route_of_platform(kind: str) -> RoutingDecision:
    """Decide where a finding about a platform goes: its keeper leads, whoever else would assists.

    A kind that has no such keeper goes where it goes with nobody known to be in charge.
    """
    usual = route(kind, competent=None)
    keeper = ROUTES[kind].of_platform
    if keeper is None:
        return usual
    lead = Delivery(keeper.department, "lead", keeper.reason, keeper.grounds)
    first, *others = usual.deliveries
    rest = [it for it in others if it.department != lead.department]
    return RoutingDecision(lead.department, (lead, replace(first, role="assist"), *rest))


def explain(delivery: Delivery) -> str:
    """Say in one sentence who receives an alert, as what, and why."""
    return f"{name_of(delivery.department)}（{ROLE_NAMES[delivery.role]}）：{delivery.reason}"


def _delivery(planned: Party, role: Role, competent: str | None) -> Delivery:
    if planned.department != COMPETENT:
        return Delivery(planned.department, role, planned.reason, planned.grounds)
    chosen = next((it for it in _IN_CHARGE if it.department == competent), WHERE_NONE_IS)
    return Delivery(
        chosen.department,
        role,
        planned.reason + chosen.reason,
        (*planned.grounds, *chosen.grounds),
    )


def _of_its_town(planned: Route, town: str | None) -> tuple[Delivery, ...]:
    if planned.town is None or town is None:
        return ()
    return (Delivery(town, "inform", planned.town.reason, planned.town.grounds),)


def _others(
    parties: Iterable[Party], role: Role, competent: str | None, *, besides: set[str]
) -> tuple[Delivery, ...]:
    deliveries = (_delivery(party, role, competent) for party in parties)
    return tuple(one for one in deliveries if one.department not in besides)
