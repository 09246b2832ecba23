"""What is found of a session beside the class that was filed; each rule a pure function."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from services.schedule_monitor.domain.calendars.calendar import named
from services.schedule_monitor.domain.held.comparison import FiledClass
from services.schedule_monitor.domain.held.held import HeldSession
from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.session import Session
from services.schedule_monitor.domain.timetables.refusals import Refusal
from shared.city_time import CITY_TIME
from shared.rules import Article, Level, RuleCard

_FILED: Final = articles.UNFILED_COURSE
_TOLERANCE: Final = Article(
    "课程监测实际上课比对（建议值，非法律规定）",
    "与备案相差超过允许的分钟数，缺省10分钟",
    "P",
    articles.STANDARDS_SINCE,
)
_UNLAWFUL: Final = Article(
    "海宁市“双减”实施方案",
    "任务21、22：不在禁止的日期和时间上课，不对学龄前儿童开展线上培训",
    "Seed",
    articles.NATIONAL,
)
_TO_ALL = "各类培训的实际上课"

HELD_UNFILED = RuleCard("schedule.held_unfiled", "实际上课未备案", _FILED, _TO_ALL)
HELD_CANCELLED = RuleCard("schedule.held_cancelled", "已撤销备案的课仍然上课", _FILED, _TO_ALL)
HELD_MOVED = RuleCard("schedule.held_moved", "未按备案的时间上课", _TOLERANCE, _TO_ALL)
HELD_OVERRAN = RuleCard("schedule.held_overran", "上课超过备案的结束时间", _TOLERANCE, _TO_ALL)
HELD_UNLAWFUL = RuleCard("schedule.held_unlawful", "已判为违规的课仍然上课", _UNLAWFUL, _TO_ALL)
HELD_AFTER_REFUSAL = RuleCard(
    "schedule.held_after_refusal", "预检已答复违规的课仍然上课", _UNLAWFUL, _TO_ALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCase:
    """A held session, completed, with the filed class that it stands for, if there is one."""

    held: HeldSession
    session: Session
    filed: FiledClass | None
    tolerance: timedelta
    refusal: Refusal | None = None

    @property
    def cancelled(self) -> bool:
        """Whether its class had been taken out of the timetable before it began."""
        gone = None if self.filed is None else self.filed.dropped_at
        return gone is not None and gone <= self.held.started_at

    @property
    def standing(self) -> FiledClass | None:
        """The class that was filed for it, unless that had been cancelled."""
        return None if self.cancelled else self.filed


HeldJudgement: TypeAlias = Callable[[HeldCase], str | None]


@dataclass(frozen=True, slots=True)
class HeldRule:
    """A pure function that says what is found, or nothing, with its card and gravity."""

    card: RuleCard
    level: Level
    judge: HeldJudgement


@dataclass(frozen=True, slots=True)
class HeldFound:
    """One thing that is found of a held session, in words."""

    rule: HeldRule
    message: str


def a_session_was_filed(case: HeldCase) -> str | None:
    """A session stands for a class of the institution's current timetables."""
    if case.filed is not None:
        return None
    return f"{case.held.class_group}当天没有与之对应的备案课"


def a_cancelled_class_is_not_held(case: HeldCase) -> str | None:
    """A class that was taken out of the timetable before it began is not held."""
    if not case.cancelled or case.filed is None:
        return None
    return f"备案的{_planned(case.filed)}在上课前已从课表撤下"


def a_session_begins_as_filed(case: HeldCase) -> str | None:
    """A session begins on the filed day, and within the tolerance of the filed time."""
    filed = case.standing
    if filed is None or not _moved(case, filed):
        return None
    return f"备案为{_planned(filed)}，实际{named(case.held.on)}{case.held.start}开始"


def a_session_ends_as_filed(case: HeldCase) -> str | None:
    """A session ends no later than filed; one that was moved lasts no longer than filed."""
    filed = case.standing
    if filed is None:
        return None
    longer = case.session.length - filed.session.length
    over = longer if _moved(case, filed) else longer + _away(case, filed)
    if over <= case.tolerance:
        return None
    return (
        f"备案{filed.session.start}至{filed.session.end}，"
        f"实际{case.held.start}至{case.held.end}，超出{_minutes(over)}"
    )


def an_unlawful_class_is_not_held(case: HeldCase) -> str | None:
    """A class that breaks a rule as it was filed is not held."""
    filed = case.standing
    if filed is None or filed.judged.verdict != "unlawful":
        return None
    broken = "、".join(found.rule.card.title for found in filed.judged.findings)
    return f"备案的{_planned(filed)}已判为违规（{broken}），仍然上课"


def a_refused_class_is_not_held(case: HeldCase) -> str | None:
    """A class that a check had found unlawful is not held; one filed so is found as that."""
    if case.refusal is None or an_unlawful_class_is_not_held(case) is not None:
        return None
    asked_at = case.refusal.asked_at.astimezone(CITY_TIME)
    return f"{asked_at:%Y-%m-%d %H:%M}的预检回执{case.refusal.receipt_id}已答复该课违规，仍然上课"


def _moved(case: HeldCase, filed: FiledClass) -> bool:
    return case.held.on != filed.session.on or abs(_away(case, filed)) > case.tolerance


def _away(case: HeldCase, filed: FiledClass) -> timedelta:
    """Return how much later than filed a session began; days apart are for ``_moved`` to see."""
    return case.session.gap_after(filed.session) + filed.session.length


def _planned(filed: FiledClass) -> str:
    return f"{named(filed.session.on)}{filed.session.start}"


def _minutes(length: timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes}分钟" + (f"{seconds}秒" if seconds else "")


HELD_RULES: Final = (
    HeldRule(HELD_UNLAWFUL, "red", an_unlawful_class_is_not_held),
    HeldRule(HELD_AFTER_REFUSAL, "red", a_refused_class_is_not_held),
    HeldRule(HELD_UNFILED, "yellow", a_session_was_filed),
    HeldRule(HELD_CANCELLED, "yellow", a_cancelled_class_is_not_held),
    HeldRule(HELD_MOVED, "yellow", a_session_begins_as_filed),
    HeldRule(HELD_OVERRAN, "yellow", a_session_ends_as_filed),
)
