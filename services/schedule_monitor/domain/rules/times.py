"""Until when a class may last, how long, and how soon the next may follow: equal is lawful."""

from datetime import time, timedelta
from typing import Final

import polars as pl

from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.columns import (
    END,
    GROUP_BUSY_UNTIL,
    HOURS_KNOWN,
    IN_SCHOOL_HOURS,
    KIND,
    MODE,
    STAGE,
    START,
    STUDENT_BUSY_UNTIL,
    of_day,
)
from services.schedule_monitor.domain.rules.rule import Case, Rule, Wording
from services.schedule_monitor.domain.session import MODE_NAMES, STAGE_NAMES
from shared.rules import RuleCard

_OFFLINE = "各类线下培训"
_ONLINE = "各类线上（直播）培训"
_ONLINE_WITH_ROSTER = "各类线上（直播）培训，报送名册的课"
_ONLINE_2019 = "学科类线上（直播）培训，义务教育和高中阶段"

OFFLINE_END = RuleCard("schedule.offline_end", "线下培训结束过晚", articles.OFFLINE_END, _OFFLINE)
ONLINE_END = RuleCard("schedule.online_end", "线上培训结束过晚", articles.ONLINE_END, _ONLINE)
ONLINE_LENGTH = RuleCard("schedule.online_length", "线上课时过长", articles.ONLINE_LENGTH, _ONLINE)
ONLINE_GAP = RuleCard("schedule.online_gap", "线上课程间隔过短", articles.ONLINE_GAP, _ONLINE)
STUDENT_GAP = RuleCard(
    "schedule.student_gap", "同一学员线上课程间隔过短", articles.STUDENT_GAP, _ONLINE_WITH_ROSTER
)
SCHOOL_HOURS = RuleCard(
    "schedule.school_hours",
    "非学科类培训占用学校教学时间",
    articles.SCHOOL_HOURS,
    "非学科类培训，线上线下，各学段",
)
OFFLINE_END_2021 = RuleCard(
    "schedule.offline_end_2021", "线下培训结束过晚", articles.OFFLINE_END_2021, _OFFLINE
)
ONLINE_END_2021 = RuleCard(
    "schedule.online_end_2021", "线上培训结束过晚", articles.ONLINE_END_2021, _ONLINE
)
OFFLINE_END_2018 = RuleCard(
    "schedule.offline_end_2018",
    "线下培训结束过晚",
    articles.OFFLINE_END_2018,
    "各类线下培训，义务教育和高中阶段",
)
ONLINE_END_2019 = RuleCard(
    "schedule.online_end_2019",
    "线上培训结束过晚",
    articles.ONLINE_END_2019,
    "学科类线上（直播）培训，义务教育阶段",
)
ONLINE_LENGTH_2019 = RuleCard(
    "schedule.online_length_2019", "线上课时过长", articles.ONLINE_LENGTH_2019, _ONLINE_2019
)
ONLINE_GAP_2019 = RuleCard(
    "schedule.online_gap_2019", "线上课程间隔过短", articles.ONLINE_GAP_2019, _ONLINE_2019
)
STUDENT_GAP_2019 = RuleCard(
    "schedule.student_gap_2019",
    "同一学员线上课程间隔过短",
    articles.STUDENT_GAP_2019,
    f"{_ONLINE_2019}，报送名册的课",
)

_OF_PUPILS = STAGE != "preschool"
_BY_2019 = (KIND == "subject") & _OF_PUPILS
_IS_OFFLINE, _IS_ONLINE = MODE == "offline", MODE == "online"
_OFFLINE_LATE = _IS_OFFLINE & (of_day(articles.OFFLINE_ENDS_BY) < END)
_ONLINE_LATE = _IS_ONLINE & (of_day(articles.ONLINE_ENDS_BY) < END)
_GAP = int(articles.SHORTEST_GAP.total_seconds())
_GROUP_TOO_SOON = _IS_ONLINE & (START - GROUP_BUSY_UNTIL < _GAP)
# One breach is found once: where the class group itself has no gap, the group's rule says so.
_STUDENT_TOO_SOON = (
    _IS_ONLINE & (START - STUDENT_BUSY_UNTIL < _GAP) & ~_GROUP_TOO_SOON.fill_null(value=False)
)


def _longer_than(limit: timedelta) -> pl.Expr:
    return _IS_ONLINE & (int(limit.total_seconds()) < END - START)


def _ends_after(limit: time) -> Wording:
    def worded(case: Case) -> str:
        session = case.session
        return f"{MODE_NAMES[session.mode]}培训{session.end}结束，晚于{limit}"

    return worded


def _lasts_over(limit: timedelta) -> Wording:
    return lambda case: f"线上培训本节{_spoken(case.session.length)}，超过{_spoken(limit)}"


def _group_gap(case: Case) -> str:
    return _too_soon(case, case.group_until, "上一节线上课")


def _student_gap(case: Case) -> str:
    return _too_soon(case, case.student_until, "名册中有学员的上一节线上课")


def _too_soon(case: Case, until: time | None, which: str) -> str:
    gap = timedelta(seconds=of_day(case.session.start) - of_day(until or time()))
    between = f"间隔{_spoken(gap)}" if gap >= timedelta(0) else f"重叠{_spoken(-gap)}"
    return (
        f"{which}{until}结束，本节{case.session.start}开始，"
        f"{between}，少于{_spoken(articles.SHORTEST_GAP)}"
    )


def _school_hours(case: Case) -> str:
    session = case.session
    found = next(
        one for one in case.facts.hours or () if session.start < one.end and one.start < session.end
    )
    return (
        f"当日{STAGE_NAMES[session.stage]}学校{found.start}至{found.end}上课，"
        f"本节{session.start}至{session.end}与之重叠"
    )


def _spoken(length: timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes}分钟" + (f"{seconds}秒" if seconds else "")


TIME_RULES: Final = (
    Rule(OFFLINE_END, "yellow", _OFFLINE_LATE, message=_ends_after(articles.OFFLINE_ENDS_BY)),
    Rule(ONLINE_END, "yellow", _ONLINE_LATE, message=_ends_after(articles.ONLINE_ENDS_BY)),
    Rule(
        ONLINE_LENGTH,
        "yellow",
        _longer_than(articles.LONGEST_ONLINE),
        message=_lasts_over(articles.LONGEST_ONLINE),
    ),
    Rule(ONLINE_GAP, "yellow", _GROUP_TOO_SOON, message=_group_gap),
    Rule(STUDENT_GAP, "yellow", _STUDENT_TOO_SOON, message=_student_gap),
    Rule(
        SCHOOL_HOURS,
        "yellow",
        (KIND != "subject") & HOURS_KNOWN & IN_SCHOOL_HOURS,
        message=_school_hours,
    ),
    Rule(OFFLINE_END_2021, "yellow", _OFFLINE_LATE, message=_ends_after(articles.OFFLINE_ENDS_BY)),
    Rule(ONLINE_END_2021, "yellow", _ONLINE_LATE, message=_ends_after(articles.ONLINE_ENDS_BY)),
    Rule(
        OFFLINE_END_2018,
        "yellow",
        _OFFLINE_LATE & _OF_PUPILS,
        message=_ends_after(articles.OFFLINE_ENDS_BY),
    ),
    Rule(
        ONLINE_END_2019,
        "yellow",
        _ONLINE_LATE & _BY_2019 & (STAGE == "compulsory"),
        message=_ends_after(articles.ONLINE_ENDS_BY),
    ),
    Rule(
        ONLINE_LENGTH_2019,
        "yellow",
        _longer_than(articles.LONGEST_ONLINE_2019) & _BY_2019,
        message=_lasts_over(articles.LONGEST_ONLINE_2019),
    ),
    Rule(ONLINE_GAP_2019, "yellow", _GROUP_TOO_SOON & _BY_2019, message=_group_gap),
    Rule(STUDENT_GAP_2019, "yellow", _STUDENT_TOO_SOON & _BY_2019, message=_student_gap),
)
