"""The thirty tasks of the plan's main part, each with the bodies it makes responsible.

Titles are our own words. ``TOWN_ROW`` stands for every town and street; a body that the
suite has no code for is named as the plan names it.
"""

from dataclasses import dataclass
from typing import Final

# The one row of annex 4, and the one party of a task or group, that all twelve share.
TOWN_ROW: Final = "towns"
TOWN_ROW_NAME: Final = "各镇（街道）"


@dataclass(frozen=True, slots=True)
class Task:
    """One numbered task of the plan."""

    number: int
    title: str
    responsible: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"task.{self.number}"


_SCHOOLS = ("education",)
_IN_CHARGE = ("education", "science_tech", "culture_tourism_sports")
_REGISTERING = (*_IN_CHARGE, "civil_affairs", "market_regulation")

TASKS: Final[tuple[Task, ...]] = (
    Task(
        1,
        "推进义务教育优质均衡发展",
        ("education_supervision", "development_reform", "education", "finance_bureau"),
        others=("市自然资源和规划局",),
    ),
    Task(2, "提高课堂教学质量", _SCHOOLS),
    Task(3, "抓好作业等“五项管理”", ("education_supervision", "education")),
    Task(4, "提升薄弱初中", _SCHOOLS),
    Task(5, "改革高中招生办法", _SCHOOLS),
    Task(
        6,
        "把减负成效计入教育质量评价",
        ("education_supervision", "education", "market_regulation"),
    ),
    Task(7, "建立作业管理办法", _SCHOOLS),
    Task(8, "按学段限定作业量", _SCHOOLS),
    Task(9, "提高作业设计水平", _SCHOOLS),
    Task(10, "指导学生在校完成作业", _SCHOOLS),
    Task(11, "安排好课余时间", _SCHOOLS),
    Task(12, "保证课后服务的时间", _SCHOOLS),
    Task(13, "提高课后服务的质量", _SCHOOLS),
    Task(
        14,
        "保障课后服务的人员和经费",
        ("staffing", "education", "finance_bureau", "human_resources"),
    ),
    Task(
        15,
        "拓宽课后服务的渠道",
        (
            *("youth_league", "womens_federation", "education"),
            *("civil_affairs", "finance_bureau", "market_regulation"),
        ),
    ),
    Task(16, "办好免费的线上学习", ("education", "finance_bureau")),
    Task(17, "摸清培训机构的底数", (*_REGISTERING, TOWN_ROW)),
    Task(18, "分类明确培训机构的主管部门", _REGISTERING),
    Task(19, "不再审批新的学科类培训机构", _REGISTERING),
    Task(
        20,
        "学科类培训机构转登记为非营利性",
        ("development_reform", "education", "civil_affairs", "market_regulation"),
    ),
    Task(21, "严管培训时间", ("economy_it", "education")),
    Task(22, "规范培训内容和行为", ("economy_it", "education")),
    Task(23, "管好从业人员", (*_IN_CHARGE, "public_security")),
    Task(
        24,
        "规范收费，防控预收费风险",
        (
            *("development_reform", *_REGISTERING),
            *("finance_office", "tax", "pboc", "cbirc"),
        ),
    ),
    Task(
        25,
        "管控培训广告",
        ("publicity", *_REGISTERING, "public_security", "urban_enforcement"),
    ),
    Task(26, "禁止培训机构与学校勾连", (*_IN_CHARGE, "market_regulation")),
    Task(
        27,
        "控制资本进入培训机构",
        ("education", "market_regulation", "finance_office", "tax", "cbirc"),
    ),
    Task(28, "依法处置违法违规", (*_IN_CHARGE, "market_regulation", "urban_enforcement")),
    Task(29, "推进数字化监管", (*_IN_CHARGE, "media_center", "data_bureau")),
    Task(
        30,
        "家庭、学校、社会协同育人",
        (
            *("publicity", "trade_unions", "youth_league", "womens_federation"),
            *(*_IN_CHARGE, TOWN_ROW),
        ),
    ),
)


def tasks_of(row: str) -> tuple[Task, ...]:
    """Return the tasks that make a body responsible; towns share ``TOWN_ROW``."""
    return tuple(task for task in TASKS if row in task.responsible)
