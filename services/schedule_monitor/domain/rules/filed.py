"""What a class must have in common with what was filed of its course, teacher and room."""

from typing import Final

from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.columns import (
    AREA_CM2,
    COURSE_DELIVERY,
    COURSE_FILED,
    DELIVERY,
    FILES_COURSES,
    HEADS,
    KIND,
    MODE,
    ROOM_BUSY_UNTIL,
    START,
    SUBJECT_CONTENT,
    TEACHER_BUSY_UNTIL,
)
from services.schedule_monitor.domain.rules.rule import Case, Rule
from services.schedule_monitor.domain.rules.subject_words import subject_words_in
from shared.rules import RuleCard

UNFILED_COURSE = RuleCard(
    "schedule.unfiled_course",
    "开设未备案的课程",
    articles.UNFILED_COURSE,
    "已备案课程的机构，各类培训",
)
SUBJECT_NAME = RuleCard(
    "schedule.subject_content",
    "非学科类课程疑似学科类内容",
    articles.SUBJECT_CONTENT,
    "非学科类培训，报送课程的课",
)
RECORDED = RuleCard(
    "schedule.recorded_for_live", "疑似以录播代替直播", articles.RECORDED, "各类线上培训"
)
TEACHER_OVERLAP = RuleCard(
    "schedule.teacher_overlap",
    "同一教师的课时间重叠",
    articles.TEACHER_OVERLAP,
    "各类培训，报送教师的课",
)
ROOM_OVERLAP = RuleCard(
    "schedule.room_overlap",
    "同一教室的课时间重叠",
    articles.ROOM_OVERLAP,
    "各类线下培训，报送教室的课",
)
CAPACITY = RuleCard(
    "schedule.capacity", "生均面积不足", articles.CAPACITY, "各类线下培训，报送教学点和人数的课"
)

_IS_OFFLINE = MODE == "offline"


def _unfiled(case: Case) -> str:
    code = case.session.setting.course
    return "本节未写明课程，该机构已有备案课程" if code is None else f"课程{code}未备案"


def _subject_content(case: Case) -> str:
    course = case.course
    words = () if course is None else subject_words_in(course.text)
    name = "" if course is None else course.name
    return f"课程“{name}”的名称、内容或教材出现学科词语（{'、'.join(words)}），须人工复核"


def _recorded(case: Case) -> str:
    filed = "备案为直播" if case.course is not None else "未见录播备案"
    return f"线上培训本节以录播进行，课程{filed}，须人工复核"


def _teacher(case: Case) -> str:
    return f"教师{case.session.setting.teacher}的另一节课{case.teacher_until}才结束，与本节重叠"


def _room(case: Case) -> str:
    return f"教室{case.session.setting.room}的另一节课{case.room_until}才结束，与本节重叠"


def _capacity(case: Case) -> str:
    setting = case.session.setting
    heads = len(setting.roster) if setting.students is None else setting.students
    area = "" if case.area_m2 is None else f"{case.area_m2.normalize():f}"
    place = f"教室{setting.room}面积" if case.room is not None else "登记的教学点总面积"
    return f"{place}{area}平方米，本节{heads}人，生均不足3平方米"


FILED_RULES: Final = (
    Rule(
        UNFILED_COURSE,
        "yellow",
        FILES_COURSES & ~COURSE_FILED.fill_null(value=False),
        message=_unfiled,
    ),
    Rule(
        SUBJECT_NAME,
        "yellow",
        (KIND != "subject") & SUBJECT_CONTENT,
        message=_subject_content,
        review=True,
    ),
    Rule(
        RECORDED,
        "yellow",
        (MODE == "online")
        & (DELIVERY == "recorded")
        & (COURSE_DELIVERY.is_null() | (COURSE_DELIVERY == "live")),
        message=_recorded,
        review=True,
    ),
    Rule(TEACHER_OVERLAP, "yellow", START < TEACHER_BUSY_UNTIL, message=_teacher, review=True),
    Rule(
        ROOM_OVERLAP,
        "yellow",
        _IS_OFFLINE & (START < ROOM_BUSY_UNTIL),
        message=_room,
        review=True,
    ),
    Rule(
        CAPACITY,
        "yellow",
        _IS_OFFLINE & (HEADS * articles.AREA_OF_A_STUDENT_CM2 > AREA_CM2),
        message=_capacity,
    ),
)
