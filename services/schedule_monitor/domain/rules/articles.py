"""Where the rules on training times are written, since when, and their numbers."""

from datetime import date, time, timedelta
from typing import Final

from shared.rules import Article

_PLAN = "海宁市“双减”实施方案"
_OPINIONS = "关于进一步减轻义务教育阶段学生作业负担和校外培训负担的意见（中办发〔2021〕40号）"
_SLEEP = "教育部关于进一步加强中小学生睡眠管理工作的通知（2021-04-02）"
_ONLINE_2019 = "关于规范校外线上培训的实施意见（教基函〔2019〕8号）"
_PROPOSAL = "课程监测政策开关（建议值，非法律规定）"

NATIONAL: Final = date(2021, 7, 24)
_SLEEP_SINCE = date(2021, 4, 2)
_ONLINE_SINCE = date(2019, 7, 12)

DAYS: Final = Article(
    _PLAN,
    "任务21：学科类培训不占用法定节假日、休息日、寒暑假（同中办发〔2021〕40号）",
    "Seed",
    NATIONAL,
)
ADJUSTED: Final = Article(_PROPOSAL, "调休上班日可否举办学科类培训", "P", NATIONAL)
OTHER_BREAKS: Final = Article(_PROPOSAL, "春假、秋假、临时停课比照寒暑假", "P", NATIONAL)
OFFLINE_END: Final = Article(_PLAN, "任务21：线下培训不晚于20:30结束", "Seed", NATIONAL)
ONLINE_END: Final = Article(_PLAN, "任务21：线上培训不晚于21:00结束", "Seed", NATIONAL)
ONLINE_LENGTH: Final = Article(_PLAN, "任务21：线上每课时不超过30分钟", "Seed", NATIONAL)
ONLINE_GAP: Final = Article(_PLAN, "任务21：线上课程间隔不少于10分钟", "Seed", NATIONAL)
PRESCHOOL_ONLINE: Final = Article(_PLAN, "任务22：不对学龄前儿童开展线上培训", "Seed", NATIONAL)
PRESCHOOL_SUBJECT: Final = Article(_OPINIONS, "不对学龄前儿童开展线下学科类培训", "S", NATIONAL)

# Before the opinions of 2021-07-24.
OFFLINE_END_2021: Final = Article(_SLEEP, "线下培训不晚于20:30结束", "S", _SLEEP_SINCE, NATIONAL)
ONLINE_END_2021: Final = Article(_SLEEP, "线上培训不晚于21:00结束", "S", _SLEEP_SINCE, NATIONAL)
ONLINE_LENGTH_2019: Final = Article(
    _ONLINE_2019, "线上每课时不超过40分钟", "S", _ONLINE_SINCE, NATIONAL
)
ONLINE_GAP_2019: Final = Article(
    _ONLINE_2019, "线上课程间隔不少于10分钟", "S", _ONLINE_SINCE, NATIONAL
)

OFFLINE_ENDS_BY: Final = time(20, 30)
ONLINE_ENDS_BY: Final = time(21, 0)
LONGEST_ONLINE: Final = timedelta(minutes=30)
LONGEST_ONLINE_2019: Final = timedelta(minutes=40)
SHORTEST_GAP: Final = timedelta(minutes=10)
