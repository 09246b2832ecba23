"""Where the rules on training times are written, since when, and their numbers."""

from datetime import date, time, timedelta
from typing import Final

from shared.rules import Article

_PLAN = "海宁市“双减”实施方案"
_OPINIONS = "关于进一步减轻义务教育阶段学生作业负担和校外培训负担的意见（中办发〔2021〕40号）"
_SLEEP = "教育部关于进一步加强中小学生睡眠管理工作的通知（2021-04-02）"
_ONLINE_2019 = "关于规范校外线上培训的实施意见（教基函〔2019〕8号）"
STANDARDS: Final = "关于规范校外培训机构发展的意见（国办发〔2018〕80号）"
_OTHER_KINDS = "关于规范面向中小学生的非学科类校外培训的意见（教监管〔2022〕4号）"
_PROPOSAL = "课程监测政策开关（建议值，非法律规定）"
_CLUES = "课程监测线索（建议值，非法律规定）"

NATIONAL: Final = date(2021, 7, 24)
_SLEEP_SINCE = date(2021, 4, 2)
_ONLINE_SINCE = date(2019, 7, 12)
# A document holds from the day it was made public, for nobody could keep it before
# (未经公布的行政规范性文件不得作为行政管理依据, 国办发〔2018〕37号): this one is of 2018-08-06,
# the next of 2022-12.
STANDARDS_SINCE: Final = date(2018, 8, 22)
OTHER_KINDS_SINCE: Final = date(2022, 12, 29)

DAYS: Final = Article(
    _PLAN,
    "任务21：学科类培训不占用法定节假日、休息日、寒暑假（同中办发〔2021〕40号）",
    "Seed",
    NATIONAL,
)
ADJUSTED: Final = Article(_PROPOSAL, "调休上班日可否举办学科类培训", "P", NATIONAL)
OTHER_BREAKS: Final = Article(_PROPOSAL, "春假、秋假、临时停课比照寒暑假", "P", NATIONAL)
CHILDRENS_DAY: Final = Article(_PROPOSAL, "6月1日可否对儿童举办学科类培训", "P", NATIONAL)
OFFLINE_END: Final = Article(_PLAN, "任务21：线下培训不晚于20:30结束", "Seed", NATIONAL)
ONLINE_END: Final = Article(_PLAN, "任务21：线上培训不晚于21:00结束", "Seed", NATIONAL)
ONLINE_LENGTH: Final = Article(_PLAN, "任务21：线上每课时不超过30分钟", "Seed", NATIONAL)
ONLINE_GAP: Final = Article(_PLAN, "任务21：线上课程间隔不少于10分钟", "Seed", NATIONAL)
PRESCHOOL_ONLINE: Final = Article(_PLAN, "任务22：不对学龄前儿童开展线上培训", "Seed", NATIONAL)
PRESCHOOL_SUBJECT: Final = Article(_OPINIONS, "不对学龄前儿童开展线下学科类培训", "S", NATIONAL)
STUDENT_GAP: Final = Article(
    _PLAN, "任务21：线上课程间隔不少于10分钟（按同一学员计）", "Seed", NATIONAL
)
SCHOOL_HOURS: Final = Article(
    _OTHER_KINDS, "非学科类培训时间不得与当地中小学校教学时间相冲突", "S", OTHER_KINDS_SINCE
)
SUBJECT_CONTENT: Final = Article(
    _OTHER_KINDS, "非学科类机构不得开展学科类培训（按词语识别，须人工复核）", "S", OTHER_KINDS_SINCE
)
UNFILED_COURSE: Final = Article(
    STANDARDS, "培训内容、班次、招生对象、进度、上课时间须备案并公布", "G", STANDARDS_SINCE
)
CAPACITY: Final = Article(STANDARDS, "同一培训时段内生均面积不低于3平方米", "G", STANDARDS_SINCE)
RECORDED: Final = Article(_CLUES, "以录播代替备案的直播", "P", NATIONAL)
TEACHER_OVERLAP: Final = Article(_CLUES, "同一教师同一时段不能上两节课", "P", NATIONAL)
ROOM_OVERLAP: Final = Article(_CLUES, "同一教室同一时段不能上两节课", "P", NATIONAL)

# Before the opinions of 2021-07-24.
# The opinions of 2019 are about subject classes for pupils alone, and their end about compulsory
# education.
OFFLINE_END_2018: Final = Article(
    STANDARDS, "培训结束时间不得晚于20:30", "G", STANDARDS_SINCE, _SLEEP_SINCE
)
ONLINE_END_2019: Final = Article(
    _ONLINE_2019,
    "面向义务教育阶段学生的直播类培训不晚于21:00结束",
    "S",
    _ONLINE_SINCE,
    _SLEEP_SINCE,
)
OFFLINE_END_2021: Final = Article(_SLEEP, "线下培训不晚于20:30结束", "S", _SLEEP_SINCE, NATIONAL)
ONLINE_END_2021: Final = Article(_SLEEP, "线上培训不晚于21:00结束", "S", _SLEEP_SINCE, NATIONAL)
ONLINE_LENGTH_2019: Final = Article(
    _ONLINE_2019, "线上每课时不超过40分钟", "S", _ONLINE_SINCE, NATIONAL
)
ONLINE_GAP_2019: Final = Article(
    _ONLINE_2019, "线上课程间隔不少于10分钟", "S", _ONLINE_SINCE, NATIONAL
)
STUDENT_GAP_2019: Final = Article(
    _ONLINE_2019, "线上课程间隔不少于10分钟（按同一学员计）", "S", _ONLINE_SINCE, NATIONAL
)

OFFLINE_ENDS_BY: Final = time(20, 30)
ONLINE_ENDS_BY: Final = time(21, 0)
LONGEST_ONLINE: Final = timedelta(minutes=30)
LONGEST_ONLINE_2019: Final = timedelta(minutes=40)
SHORTEST_GAP: Final = timedelta(minutes=10)
AREA_OF_A_STUDENT_CM2: Final = 30_000
# Whoever does not know when schools teach cannot clear a class that begins before this; later,
# schools look after pupils and do not teach. A proposal: no national text fixes it.
SCHOOLS_TEACH_UNTIL: Final = time(16, 30)
