"""Which departments a kind of finding goes to, in which role, and by which line of the plan.

The reasons are our own words; each begins with where the plan says so: a row of its annex 4, a
group of its annex 2, or a task of its main part.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from shared.duties.departments import name_of

Role = Literal["lead", "assist", "inform"]

# Stands for the department in charge of the institution concerned, which the caller derives.
COMPETENT: Final = "competent"
_WHERE_NONE_IS_COMPETENT: Final = "education"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One department that receives an alert, its role, and why it is that department's matter."""

    department: str
    role: Role
    reason: str


@dataclass(frozen=True, slots=True)
class RoutingDecision:
    """To whom one case goes. The lead comes first in the deliveries; nobody appears twice."""

    lead: str
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """A department in a route, or ``COMPETENT``, and the ground on which it is there."""

    department: str
    reason: str


@dataclass(frozen=True, slots=True)
class Route:
    """Where one kind of finding goes."""

    lead: Party
    assist: tuple[Party, ...] = ()
    inform: tuple[Party, ...] = ()


COMPETENT_DEPARTMENTS: Final[dict[str, str]] = {
    "education": "方案任务18、附件4（市教育局）：学科类培训机构的主管部门，负责其日常监管。",
    "culture_tourism_sports": (
        "方案任务18、附件4（市文旅体局）：文化艺术类、体育类培训机构的主管部门，负责对其监管。"
    ),
    "science_tech": ("方案任务18、附件4（市科技局）：科技创新类培训机构的主管部门，负责对其监管。"),
}

_NONE_IS_COMPETENT = (
    "附件4（市教育局）：尚不能确定该机构的主管部门，由统筹协调“双减”工作的市教育局牵头。"
)

_CUSTODY_RECEIPTS = (
    Party(
        "pboc",
        "附件4（市人民银行）：指导银行开立学员培训费专户，配合主管部门建立资金监管风险预警反馈机制。",
    ),
    Party("cbirc", "附件4（嘉兴银保监分局海宁监管组）：会同主管部门做好预收费风险管控。"),
    Party("finance_office", "附件2（五）、附件4（市金融办）：牵头资金监管组，防控金融风险。"),
)

_IN_CHARGE_OF_FEES = Party(
    COMPETENT, "方案任务24：管理所主管机构的收费，不得一次收取超过3个月或60课时的费用。"
)
_IN_CHARGE_OF_CUSTODY = Party(COMPETENT, "方案任务24：对所主管机构的预收费作风险管控。")
_IN_CHARGE_OF_UNREGISTERED = Party(
    COMPETENT, "方案任务24、28：核查未登记或已注销的机构为何仍在收取培训费。"
)

_IN_CHARGE_OF_TIMES = Party(COMPETENT, "方案任务21：监管所主管机构的培训日期、结束时间和课时。")
_IN_CHARGE_BEFORE_SCHOOL_AGE = Party(
    COMPETENT, "方案任务22：所主管机构不得对学龄前儿童开展线上培训或学科类培训。"
)
_ONLINE = (
    Party("economy_it", "方案任务21、附件4（市经信局）：配合主管部门监管线上培训及其平台和应用。"),
)
_TIMES = Route(lead=_IN_CHARGE_OF_TIMES)
_ONLINE_TIMES = Route(lead=_IN_CHARGE_OF_TIMES, assist=_ONLINE)

ROUTES: Final[dict[str, Route]] = {
    "schedule.statutory_holiday": _TIMES,
    "schedule.rest_day": _TIMES,
    "schedule.adjusted_workday": _TIMES,
    "schedule.long_break": _TIMES,
    "schedule.other_break": _TIMES,
    "schedule.offline_end": _TIMES,
    "schedule.offline_end_2021": _TIMES,
    "schedule.online_end": _ONLINE_TIMES,
    "schedule.online_end_2021": _ONLINE_TIMES,
    "schedule.online_length": _ONLINE_TIMES,
    "schedule.online_length_2019": _ONLINE_TIMES,
    "schedule.online_gap": _ONLINE_TIMES,
    "schedule.online_gap_2019": _ONLINE_TIMES,
    "schedule.preschool_online": Route(lead=_IN_CHARGE_BEFORE_SCHOOL_AGE, assist=_ONLINE),
    "schedule.preschool_subject": Route(lead=_IN_CHARGE_BEFORE_SCHOOL_AGE),
    "fund.over_collection": Route(lead=_IN_CHARGE_OF_FEES, inform=_CUSTODY_RECEIPTS),
    "fund.coverage": Route(lead=_IN_CHARGE_OF_CUSTODY, inform=_CUSTODY_RECEIPTS),
    "fund.unregistered_money": Route(lead=_IN_CHARGE_OF_UNREGISTERED, inform=_CUSTODY_RECEIPTS),
    "fund.identity_conflict": Route(
        lead=Party(
            "pboc",
            "附件4（市人民银行）：指导银行管好培训费专户，核查银行以同一流水报送的不同内容。",
        ),
        inform=_CUSTODY_RECEIPTS,
    ),
}


def route(kind: str, *, competent: str | None) -> RoutingDecision:
    """Decide where a finding of this kind goes, given the department in charge, if one is known."""
    planned = ROUTES[kind]
    lead = _lead(planned.lead, competent=competent)
    return RoutingDecision(
        lead.department,
        (
            lead,
            *_others(planned.assist, "assist", besides={lead.department}),
            *_others(
                planned.inform,
                "inform",
                besides={lead.department, *(party.department for party in planned.assist)},
            ),
        ),
    )


def explain(delivery: Delivery) -> str:
    """Say in one sentence who receives an alert, as what, and why."""
    return f"{name_of(delivery.department)}（{_ROLE_NAMES[delivery.role]}）：{delivery.reason}"


_ROLE_NAMES: Final[dict[Role, str]] = {"lead": "牵头", "assist": "协同", "inform": "知会"}


def _lead(planned: Party, *, competent: str | None) -> Delivery:
    if planned.department != COMPETENT:
        return Delivery(planned.department, "lead", planned.reason)
    if competent not in COMPETENT_DEPARTMENTS:
        return Delivery(_WHERE_NONE_IS_COMPETENT, "lead", planned.reason + _NONE_IS_COMPETENT)
    return Delivery(competent, "lead", planned.reason + COMPETENT_DEPARTMENTS[competent])


def _others(parties: Iterable[Party], role: Role, *, besides: set[str]) -> tuple[Delivery, ...]:
    return tuple(
        Delivery(party.department, role, party.reason)
        for party in parties
        if party.department not in besides
    )
