"""Ends, lengths and gaps: under, at and over each limit."""

import pytest

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.policies import Policies
from services.schedule_monitor.domain.calendars.school_hours import HoursFrom, Period, SchoolHours
from services.schedule_monitor.domain.judge import judge_sessions
from services.schedule_monitor.domain.rules.times import (
    OFFLINE_END,
    OFFLINE_END_2018,
    ONLINE_END,
    ONLINE_END_2019,
    ONLINE_GAP,
    ONLINE_LENGTH,
    ONLINE_LENGTH_2019,
    STUDENT_GAP,
)
from services.schedule_monitor.domain.session import Setting
from tests.schedule_monitor.builders import CITY, TUESDAY, a_school_year, a_session, at, on, said

BEFORE_THE_OPINIONS = "2021-07-23"


def found(card, start, end, day=TUESDAY, **more):
    return said(card, a_session(day, start, end, **more))


class TestOfflineClassEndsInTime:
    @pytest.mark.parametrize(
        ("end", "breach"),
        [
            ("20:29:59", None),
            ("20:30:00", None),
            ("20:30:01", "线下培训20:30:01结束，晚于20:30:00"),
        ],
    )
    def test_compares_with_half_past_eight(self, end, breach):
        assert found(OFFLINE_END, "19:00", end) == breach

    @pytest.mark.parametrize("kind", ["subject", "culture_arts", "sports", "science_tech"])
    def test_holds_for_every_kind(self, kind):
        assert found(OFFLINE_END, "20:00", "20:45", kind=kind) is not None

    def test_says_nothing_of_an_online_class(self):
        assert found(OFFLINE_END, "20:35", "20:50", mode="online") is None


class TestOnlineClassEndsInTime:
    @pytest.mark.parametrize(
        ("end", "breach"),
        [
            ("20:59:59", None),
            ("21:00:00", None),
            ("21:00:01", "线上培训21:00:01结束，晚于21:00:00"),
        ],
    )
    def test_compares_with_nine(self, end, breach):
        assert found(ONLINE_END, "20:40", end, mode="online") == breach

    def test_says_nothing_of_an_offline_class(self):
        assert found(ONLINE_END, "20:40", "21:30") is None


class TestOnlineClassLength:
    @pytest.mark.parametrize(
        ("end", "breach"),
        [
            ("18:29:59", None),
            ("18:30:00", None),
            ("18:30:01", "线上培训本节30分钟1秒，超过30分钟"),
        ],
    )
    def test_is_at_most_thirty_minutes(self, end, breach):
        assert found(ONLINE_LENGTH, "18:00", end, mode="online") == breach

    @pytest.mark.parametrize(
        ("end", "breach"),
        [
            ("18:39:59", None),
            ("18:40:00", None),
            ("18:40:01", "线上培训本节40分钟1秒，超过40分钟"),
        ],
    )
    def test_was_at_most_forty_minutes(self, end, breach):
        message = found(ONLINE_LENGTH_2019, "18:00", end, day=BEFORE_THE_OPINIONS, mode="online")

        assert message == breach

    def test_is_no_limit_offline(self):
        assert found(ONLINE_LENGTH, "18:00", "20:00") is None


class TestOnlineClassesLeaveAGap:
    @pytest.mark.parametrize(
        ("start", "breach"),
        [
            ("18:40:01", None),
            ("18:40:00", None),
            (
                "18:39:59",
                "上一节线上课18:30:00结束，本节18:39:59开始，间隔9分钟59秒，少于10分钟",
            ),
            (
                "18:29:00",
                "上一节线上课18:30:00结束，本节18:29:00开始，重叠1分钟，少于10分钟",
            ),
        ],
    )
    def test_are_ten_minutes_apart(self, start, breach):
        before = a_session(start="18:00", end="18:30", mode="online")
        session = a_session(start=start, end="18:50", mode="online")

        assert said(ONLINE_GAP, before, session) == breach

    def test_need_none_before_the_first(self):
        assert found(ONLINE_GAP, "18:00", "18:30", mode="online") is None


class TestStudentGaps:
    """One lesson that is split into two groups with the same students."""

    def online(self, start, end, group, *roster):
        setting = Setting(roster=roster)
        return a_session(start=start, end=end, mode="online", class_group=group, setting=setting)

    @pytest.mark.parametrize(
        ("start", "breach"),
        [
            ("18:40:00", None),
            (
                "18:39:59",
                "名册中有学员的上一节线上课18:30:00结束，本节18:39:59开始，间隔9分钟59秒，少于10分钟",
            ),
        ],
    )
    def test_are_measured_across_groups(self, start, breach):
        first = self.online("18:00", "18:30", "A班", "s1", "s2")
        second = self.online(start, "19:00", "B班", "s2", "s3")

        assert said(STUDENT_GAP, first, second) == breach

    def test_are_not_found_without_a_common_student(self):
        first = self.online("18:00", "18:30", "A班", "s1")
        second = self.online("18:30", "19:00", "B班", "s2")

        assert said(STUDENT_GAP, first, second) is None

    def test_are_left_to_the_group_where_it_has_none_either(self):
        first = self.online("18:00", "18:30", "A班", "s1")
        second = self.online("18:30", "19:00", "A班", "s1")

        assert said(STUDENT_GAP, first, second) is None
        assert said(ONLINE_GAP, first, second) is not None


class TestSchoolHours:
    HOURS = SchoolHours(
        school_year="2025-2026",
        stage="compulsory",
        version=1,
        tables=(HoursFrom(on("2025-09-01"), (Period(2, at("08:00"), at("16:10")),)),),
        basis="作息时间",
    )

    def judged(self, start, end, *, kind="sports", hours=HOURS):
        loaded = Calendars(CITY, (a_school_year(),), Policies(), (hours,) if hours else ())
        [one] = judge_sessions([a_session(start=start, end=end, kind=kind)], loaded)
        return one

    @pytest.mark.parametrize(
        ("start", "end", "found"),
        [
            ("16:10:00", "17:00", False),
            ("16:09:59", "17:00", True),
            ("07:00", "08:00:00", False),
            ("07:00", "08:00:01", True),
        ],
    )
    def test_are_not_for_classes_of_other_kinds(self, start, end, found):
        one = self.judged(start, end)

        assert (one.verdict == "unlawful") == found

    def test_say_nothing_of_subject_classes(self):
        assert self.judged("10:00", "11:00", kind="subject").verdict == "lawful"

    @pytest.mark.parametrize(
        ("start", "verdict"), [("16:29:59", "calendar_incomplete"), ("16:30:00", "lawful")]
    )
    def test_must_be_known_to_clear_a_class_that_begins_before_schools_have_ended(
        self, start, verdict
    ):
        one = self.judged(start, "17:30", hours=None)

        assert one.verdict == verdict
        assert bool(one.missing) == (verdict == "calendar_incomplete")


class TestOpinionsOfTwentyNineteen:
    """教基函〔2019〕8号: of subject classes for pupils; the end, of compulsory education."""

    @pytest.mark.parametrize(
        ("more", "breach"),
        [
            ({}, True),
            ({"stage": "senior_secondary"}, True),
            ({"stage": "preschool"}, False),
            ({"kind": "sports"}, False),
        ],
    )
    def test_limit_the_length(self, more, breach):
        long = found(ONLINE_LENGTH_2019, "18:00", "18:40:01", "2019-07-12", mode="online", **more)

        assert (long is not None) is breach

    @pytest.mark.parametrize(
        ("more", "breach"),
        [({}, True), ({"stage": "senior_secondary"}, False), ({"kind": "sports"}, False)],
    )
    def test_limit_the_end(self, more, breach):
        late = found(ONLINE_END_2019, "20:40", "21:00:01", "2019-07-12", mode="online", **more)

        assert (late is not None) is breach


@pytest.mark.parametrize(("stage", "breach"), [("compulsory", True), ("preschool", False)])
def test_the_opinions_of_2018_end_classes_of_pupils_of_every_kind(stage, breach):
    late = found(OFFLINE_END_2018, "19:40", "20:30:01", "2018-08-22", kind="sports", stage=stage)

    assert (late is not None) is breach
