"""What people read of a verdict."""

import pytest

from services.schedule_monitor.domain.explain import explain_day, explain_session
from services.schedule_monitor.domain.judge import day_for_subject_classes, judge_sessions
from services.schedule_monitor.domain.session import Setting
from tests.schedule_monitor.builders import a_session, calendars, on


def said_of(session):
    return explain_session(judge_sessions([session], calendars())[0])


class TestExplainSession:
    def test_begins_with_the_class(self):
        assert said_of(a_session()).startswith(
            "2026-03-03（星期二）18:00:00至18:30:00，义务教育阶段线下学科类培训：未见违反培训时间规定。"
        )

    def test_cites_the_article_of_each_finding(self):
        said = said_of(a_session("2026-03-07", "20:00", "20:31"))

        assert "周末休息日，不得举办学科类培训（海宁市“双减”实施方案 任务21" in said
        assert "线下培训20:31:00结束，晚于20:30:00（海宁市“双减”实施方案 任务21" in said

    def test_names_the_missing_calendar(self):
        said = said_of(a_session("2026-09-02"))

        assert "缺少覆盖2026-09-02的义务教育阶段校历，不能判定" in said

    def test_ends_with_the_notes(self):
        assert said_of(a_session("2026-05-09")).endswith("不是法律明文。")


class TestExplainDay:
    @pytest.mark.parametrize(
        ("day", "words"),
        [
            ("2026-03-03", "可以举办学科类培训"),
            ("2021-05-01", "自2021-07-24起限制培训日期，此前不适用"),
            ("2026-10-01", "是法定节假日（国庆节），不得举办学科类培训"),
        ],
    )
    def test_says_whether_subject_classes_may_be_held(self, day, words):
        judged = day_for_subject_classes(on(day), "compulsory", calendars())

        assert words in explain_day(judged)


class TestClues:
    def test_stand_behind_the_verdict_and_make_nothing_unlawful(self):
        setting = Setting(teacher="T1")
        first, second = a_session(setting=setting), a_session(setting=setting, class_group="二班")

        *_, one = judge_sessions([first, second], calendars())

        assert one.verdict == "lawful"
        said = explain_session(one)
        assert "未见违反培训时间规定" in said
        assert "线索：教师T1的另一节课18:30:00才结束，与本节重叠" in said
