"""Words of a filed course that hint at what may not be practised."""

import pytest

from services.schedule_monitor.domain.rules.filed_words import (
    AHEAD_FILED,
    CONTEST_FILED,
    HOMEWORK_FILED,
    OVERSEAS_FILED,
)
from services.schedule_monitor.domain.session import Setting
from services.schedule_monitor.domain.timetables.surroundings import FiledCourse, Surroundings
from tests.schedule_monitor.builders import a_session, said


def found(card, name="阅读", *, day="2026-03-03", kind="subject", stage="compulsory", **more):
    course = FiledCourse(code="C1", name=name, kind=kind, stage=stage, mode="offline", **more)
    session = a_session(day, kind=kind, stage=stage, setting=Setting(course="C1"))
    return said(card, session, surroundings=Surroundings({"C1": course}))


@pytest.mark.parametrize(
    ("text", "breached"),
    [
        ("课后作业", True),
        ("微信群打卡", True),
        ("课前预习单", True),
        ("课后 巩固", True),
        ("作*业本A册配套作业", True),
        ("不留课后作业", False),
        ("零作业", False),
        ("作业辅导", False),
        ("考勤打卡", False),
        ("绘本阅读", False),
    ],
)
def test_homework(text, breached):
    assert (found(HOMEWORK_FILED, subject_matter=text) is not None) == breached


@pytest.mark.parametrize(
    ("text", "breached"),
    [
        ("提前学五年级内容", True),
        ("新初一衔接班", True),
        ("幼小衔接", True),
        ("不超纲、不提前学", False),
        ("同步阅读", False),
    ],
)
def test_ahead(text, breached):
    assert (found(AHEAD_FILED, text) is not None) == breached


@pytest.mark.parametrize(
    ("text", "kind", "stage", "breached"),
    [
        ("AMC8 冲刺", "subject", "compulsory", True),
        ("ＡＭＣ１０", "science_tech", "compulsory", True),
        ("奥数思维", "culture_arts", "compulsory", True),
        ("英语等级考试", "culture_arts", "compulsory", True),
        ("数学“希望杯”杯赛", "subject", "compulsory", True),
        ("KET 备考", "subject", "compulsory", True),
        ("KET 备考", "sports", "compulsory", False),
        ("篮球竞赛", "sports", "compulsory", False),
        ("美术考级", "culture_arts", "compulsory", False),
        ("竞赛", "subject", "compulsory", True),
        ("不组织任何竞赛", "subject", "compulsory", False),
        ("不断提升竞赛水平", "subject", "compulsory", True),
        ("奥数思维", "culture_arts", "preschool", False),
        ("camcorder", "subject", "compulsory", False),
    ],
)
def test_contests(text, kind, stage, breached):
    assert (found(CONTEST_FILED, text, kind=kind, stage=stage) is not None) == breached


@pytest.mark.parametrize(
    ("text", "breached"),
    [
        ("A-Level 数学", True),
        ("IB课程", True),
        ("AP微积分", True),
        ("国际课程", True),
        ("英国小学课程", True),
        ("IGCSE", True),
        ("Library skills", False),
        ("map reading", False),
        ("不提供境外课程", False),
        ("外教口语", False),
    ],
)
def test_overseas(text, breached):
    assert (found(OVERSEAS_FILED, text) is not None) == breached


def test_the_law_of_the_day_holds_for_clues_too():
    assert found(HOMEWORK_FILED, "作业", day="2021-07-23") is None
    assert found(HOMEWORK_FILED, "作业", day="2021-07-26") is not None


def test_a_clue_says_its_words_and_makes_nothing_unlawful():
    message = found(CONTEST_FILED, "奥数竞赛")

    assert (
        message
        == "课程“奥数竞赛”的名称、内容或教材出现考级、竞赛、排名词语（奥数、竞赛），须人工复核"
    )
