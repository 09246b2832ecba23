"""Ends, lengths and gaps: under, at and over each limit."""

import pytest

from services.schedule_monitor.domain.rules.times import (
    OFFLINE_END,
    ONLINE_END,
    ONLINE_GAP,
    ONLINE_LENGTH,
    ONLINE_LENGTH_2019,
)
from tests.schedule_monitor.builders import TUESDAY, a_session, said

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
