"""Where findings about classes, held sessions and practice go."""

from dataclasses import replace
from typing import Final

from shared.duties.parties import COMPETENT, ITS_TOWN, Party, Route, by_duty

_IN_CHARGE_OF_TIMES = Party(COMPETENT, ("task.21",), "监管所主管机构的培训日期、结束时间和课时。")
_IN_CHARGE_BEFORE_SCHOOL_AGE = Party(
    COMPETENT, ("task.22",), "监管所主管机构，不得对学龄前儿童开展线上培训或学科类培训。"
)
_ONLINE = (by_duty("economy_it.1"),)
_IN_CHARGE_OF_CONTENT = Party(
    COMPETENT, ("task.22",), "规范所主管机构的培训内容和行为，核对备案的课程、教师和教室。"
)
_CONTENT = Route(lead=_IN_CHARGE_OF_CONTENT, town=ITS_TOWN)
_TIMES = Route(lead=_IN_CHARGE_OF_TIMES, town=ITS_TOWN)
_ONLINE_TIMES = Route(lead=_IN_CHARGE_OF_TIMES, assist=_ONLINE, town=ITS_TOWN)
_HELD = Route(
    lead=Party(COMPETENT, ("task.21",), "核查所主管机构实际上课与备案是否相符。"),
    town=ITS_TOWN,
)
_PRACTICE = Route(
    lead=_IN_CHARGE_OF_CONTENT,
    town=ITS_TOWN,
    of_platform=Party(
        "economy_it",
        ("task.22", "economy_it.1"),
        "协助监管线上培训，让违规的平台和应用停办、下架。",
    ),
)
_HOMEWORK = replace(
    _PRACTICE, lead=Party(COMPETENT, ("task.21",), "监管所主管机构，不得以任何形式留作业。")
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
    "schedule.recorded_for_live": Route(lead=_IN_CHARGE_OF_CONTENT, assist=_ONLINE, town=ITS_TOWN),
    "schedule.teacher_overlap": _CONTENT,
    "schedule.room_overlap": _CONTENT,
    "schedule.capacity": _CONTENT,
    "schedule.preschool_online": Route(
        lead=_IN_CHARGE_BEFORE_SCHOOL_AGE, assist=_ONLINE, town=ITS_TOWN
    ),
    "schedule.preschool_subject": Route(lead=_IN_CHARGE_BEFORE_SCHOOL_AGE, town=ITS_TOWN),
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
        lead=by_duty("economy_it.1"),
        inform=(
            Party(COMPETENT, ("task.21",), "所主管机构的线上课被要求下架、停课或整改，逾期未办。"),
        ),
    ),
}
