"""Ends, lengths and gaps: under, at and over each limit."""

import pytest

from services.schedule_monitor.domain.rules.times import (
    offline_class_ends_in_time,
    online_class_ends_in_time,
    online_class_stays_within_forty_minutes,
    online_class_stays_within_thirty_minutes,
    online_classes_leave_a_gap,
)
from tests.schedule_monitor.builders import a_case, a_session


def case(start, end, **more):
    return a_case(a_session(start=start, end=end, **more))


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
        assert offline_class_ends_in_time(case("19:00", end)) == breach

    @pytest.mark.parametrize("kind", ["subject", "culture_arts", "sports", "science_tech"])
    def test_holds_for_every_kind(self, kind):
        assert offline_class_ends_in_time(case("20:00", "20:45", kind=kind)) is not None

    def test_says_nothing_of_an_online_class(self):
        assert offline_class_ends_in_time(case("20:35", "20:50", mode="online")) is None


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
        assert online_class_ends_in_time(case("20:40", end, mode="online")) == breach

    def test_says_nothing_of_an_offline_class(self):
        assert online_class_ends_in_time(case("20:40", "21:30")) is None


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
        found = online_class_stays_within_thirty_minutes(case("18:00", end, mode="online"))

        assert found == breach

    @pytest.mark.parametrize(
        ("end", "breach"),
        [
            ("18:39:59", None),
            ("18:40:00", None),
            ("18:40:01", "线上培训本节40分钟1秒，超过40分钟"),
        ],
    )
    def test_was_at_most_forty_minutes(self, end, breach):
        found = online_class_stays_within_forty_minutes(case("18:00", end, mode="online"))

        assert found == breach

    def test_is_no_limit_offline(self):
        assert online_class_stays_within_thirty_minutes(case("18:00", "20:00")) is None


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

        assert online_classes_leave_a_gap(a_case(session, before=before)) == breach

    def test_need_none_before_the_first(self):
        assert online_classes_leave_a_gap(case("18:00", "18:30", mode="online")) is None
