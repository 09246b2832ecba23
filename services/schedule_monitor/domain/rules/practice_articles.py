"""Where the rules on practices are written that no timetable shows, since when, and their clocks.

What was said of 2018 (国办发〔2018〕80号) is general knowledge (``G``): its text was not read.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.schedule_monitor.domain.rules.articles import (
    NATIONAL,
    STANDARDS,
    STANDARDS_SINCE,
)
from shared.rules import Article

_PLAN = "海宁市“双减”实施方案"
_SLEEP = "教育部关于进一步加强中小学生睡眠管理工作的通知（2021-04-02）"
_WORDS = "（按备案内容的词语识别，须人工复核）"

SLEEP_SINCE: Final = date(2021, 4, 2)

HOMEWORK: Final = Article(
    _PLAN,
    "任务21：不得留课后作业（含课前预习、课后巩固、作业练习、微信群打卡）",
    "Seed",
    NATIONAL,
)
HOMEWORK_2021: Final = Article(
    _SLEEP,
    "不得以课前预习、课后巩固、作业练习、微信群打卡等任何形式留作业",
    "S",
    SLEEP_SINCE,
    NATIONAL,
)
HOMEWORK_2018: Final = Article(STANDARDS, "不得留作业", "G", STANDARDS_SINCE, SLEEP_SINCE)
AHEAD: Final = Article(_PLAN, "任务22：严禁超标超前培训", "Seed", NATIONAL)
AHEAD_2018: Final = Article(
    STANDARDS,
    "培训内容不得超出国家课程标准，进度不得超过当地中小学同期进度",
    "G",
    STANDARDS_SINCE,
    NATIONAL,
)
_EXAMS: Final = "严禁组织举办中小学生学科类等级考试、竞赛及进行排名"
EXAMS: Final = Article(_PLAN, f"任务22：{_EXAMS}", "Seed", NATIONAL)
EXAMS_2018: Final = Article(STANDARDS, _EXAMS, "G", STANDARDS_SINCE, NATIONAL)
SUBJECT_TEACHING: Final = Article(
    _PLAN, "任务22：严禁非学科类培训机构从事学科类培训", "Seed", NATIONAL
)
OVERSEAS: Final = Article(_PLAN, "任务22：严禁提供境外教育课程", "Seed", NATIONAL)
PHOTO_SEARCH: Final = Article(
    _PLAN,
    "任务22：线上培训机构不得提供和传播“拍照搜题”等不良学习方法",
    "Seed",
    NATIONAL,
)
RECORDED_TEACHING: Final = Article(
    "课程监测线索（建议值，非法律规定）", "以录播代替直播", "P", NATIONAL
)

HOMEWORK_WORDS: Final = Article(_PLAN, f"任务21：不得留课后作业{_WORDS}", "Seed", NATIONAL)
AHEAD_WORDS: Final = Article(_PLAN, f"任务22：严禁超标超前培训{_WORDS}", "Seed", NATIONAL)
CONTEST_WORDS: Final = Article(_PLAN, f"任务22：{_EXAMS}{_WORDS}", "Seed", NATIONAL)
OVERSEAS_WORDS: Final = Article(_PLAN, f"任务22：严禁提供境外教育课程{_WORDS}", "Seed", NATIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingLimits:
    """How many working days each step of handling a report may take; the day it begins is out."""

    article: Article
    review: int
    """From the report until the department looks into it: asks an expert, or decides."""
    opinion: int
    """From the asking until the expert has spoken."""
    decision: int
    """From opinions that differ, or leave it open, until the department decides."""


HANDLING: Final = (
    HandlingLimits(
        article=Article("课程监测反映办理时限", "默认值，非法律规定", "P", STANDARDS_SINCE),
        review=7,
        opinion=10,
        decision=5,
    ),
)


def handling_on(day: date) -> HandlingLimits:
    """Return the numbers in force on the day a clock begins; before any, the first."""
    return next((it for it in HANDLING if it.article.applies_on(day)), HANDLING[0])
