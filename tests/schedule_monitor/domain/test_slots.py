"""The nearest lawful slot: by the judge itself, beside everything that stays."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.schedule_monitor.app.timetables.check_timetable import judged_with_slots
from services.schedule_monitor.domain.judge import judge_sessions
from services.schedule_monitor.domain.session import Setting
from services.schedule_monitor.domain.timetables.surroundings import NOTHING_FILED
from tests.schedule_monitor.builders import a_session, calendars, on

SUNDAY, FRIDAY = "2026-03-08", "2026-03-06"
LOADED = calendars()


def slots(*sessions, beside=()):
    return judged_with_slots(sessions, beside, LOADED, NOTHING_FILED)[1]


def shown(slot):
    return None if slot is None else f"{slot.on} {slot.start:%H:%M}-{slot.end:%H:%M}"


class TestNearestSlots:
    def test_moves_a_class_that_ends_too_late_to_the_last_lawful_minute(self):
        found = slots(a_session(start="19:07", end="20:37"))

        assert shown(found[0]) == "2026-03-03 19:00-20:30"

    @pytest.mark.parametrize(
        ("day", "expected"), [(SUNDAY, "2026-03-09"), ("2026-03-07", "2026-03-06")]
    )
    def test_moves_a_class_off_a_weekend_to_the_nearest_day(self, day, expected):
        assert shown(slots(a_session(day))[0]) == f"{expected} 18:00-18:30"

    def test_moves_day_and_time_together(self):
        found = slots(a_session(SUNDAY, start="19:30", end="20:50"))

        assert shown(found[0]) == "2026-03-09 19:10-20:30"

    def test_finds_the_first_days_of_the_school_year_from_the_summer_break(self):
        # 2026-09-01 lies in no loaded school year: the last days before the break are nearest.
        found = slots(a_session("2026-07-20"))

        assert shown(found[0]) == "2026-06-30 18:00-18:30"

    def test_keeps_the_gap_to_the_groups_other_online_class(self):
        first = a_session(mode="online")
        found = slots(first, a_session(mode="online", start="18:35", end="19:05"))

        assert shown(found[1]) == "2026-03-03 18:40-19:10"

    def test_shortens_an_online_class_only_where_it_is_too_long(self):
        found = slots(a_session(mode="online", start="18:00", end="18:45"))

        assert shown(found[0]) == "2026-03-03 18:00-18:30"
        assert found[0].shortened

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"class_group": "甲"}, {"class_group": "甲"}),
            ({"setting": Setting(teacher="T1")}, {"setting": Setting(teacher="T1")}),
            ({"setting": Setting(room="1")}, {"setting": Setting(room="1")}),
            ({"setting": Setting(roster=("S1",))}, {"setting": Setting(roster=("S0", "S1"))}),
        ],
    )
    def test_meets_nobody_elses_class(self, one, other):
        late = a_session(**({"class_group": "甲"} | one), start="19:00", end="20:31")
        stays = a_session(**({"class_group": "乙"} | other), start="18:00", end="19:10")

        found = slots(late, stays)

        # 18:59–20:30 would meet it; an hour and a half fits before it, from 16:29 on.
        assert shown(found[0]) == "2026-03-03 16:29-18:00"

    def test_keeps_clear_of_what_is_filed_under_other_labels(self):
        late = a_session(start="19:00", end="20:31")
        filed = a_session(start="18:00", end="19:10")

        assert shown(slots(late, beside=[filed])[0]) == "2026-03-03 16:29-18:00"

    def test_gives_two_classes_of_a_group_two_slots(self):
        found = slots(a_session(SUNDAY), a_session("2026-03-07"))

        assert len({shown(one) for one in found.values()}) == 2

    def test_finds_nothing_where_no_time_is_lawful(self):
        assert slots(a_session(stage="preschool", mode="online", end="18:45")) == {}

    def test_finds_nothing_within_ten_weeks_of_days_that_nobody_can_judge(self):
        assert slots(a_session("2027-06-05", mode="online", start="20:50", end="21:30")) == {
            0: None
        }

    def test_looks_only_for_what_is_unlawful(self):
        assert slots(a_session(), a_session("2026-09-02")) == {}


sessions = st.lists(
    st.builds(
        lambda day, start, length, group, mode, teacher: a_session(
            (on("2026-03-02") + timedelta(days=day)).isoformat(),
            start=f"{start // 60:02}:{start % 60:02}",
            end=f"{(start + length) // 60:02}:{(start + length) % 60:02}",
            class_group=group,
            mode=mode,
            setting=Setting(teacher=teacher),
        ),
        st.integers(0, 8),
        st.integers(9 * 60, 20 * 60),
        st.sampled_from([20, 30, 45, 90]),
        st.sampled_from("甲乙"),
        st.sampled_from(["offline", "online"]),
        st.sampled_from([None, "T1"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(planned=sessions)
def test_each_slot_is_lawful_and_puts_nobody_in_the_wrong(planned):
    judged, found = judged_with_slots(planned, (), LOADED, NOTHING_FILED)
    moved = [
        one
        if found.get(index) is None
        else replace(one, on=found[index].on, start=found[index].start, end=found[index].end)
        for index, one in enumerate(planned)
    ]

    after = judge_sessions(moved, LOADED)
    for index, (before, now) in enumerate(zip(judged, after, strict=True)):
        if found.get(index) is not None or before.verdict == "lawful":
            assert now.verdict == "lawful", (index, now.findings)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_looks_no_further_than_days_go(day):
    assert slots(a_session(day, end="20:45")) in ({}, {0: None})


@pytest.mark.parametrize(("start", "end"), [("00:00", "23:59"), ("08:00", "20:31")])
def test_a_class_that_no_day_has_room_for_has_no_slot(start, end):
    assert slots(a_session("2026-03-08", start, end)) == {0: None}
