"""What a later version of a timetable changes."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.schedule_monitor.domain.session import Setting
from services.schedule_monitor.domain.timetables.diff import diff
from tests.schedule_monitor.builders import a_stated, at

MONDAY, TUESDAY, WEDNESDAY = (a_stated(f"2026-03-0{day}") for day in (2, 3, 4))
OTHERS = a_stated("2026-03-02", class_group="四年级1班")

classes = st.lists(
    st.builds(
        lambda day, hour, group, course: a_stated(
            f"2026-03-{day:02}",
            start=at(f"{hour}:00"),
            end=at(f"{hour}:30"),
            class_group=group,
            setting=Setting(course=course),
        ),
        st.integers(1, 9),
        st.integers(17, 19),
        st.sampled_from("甲乙"),
        st.sampled_from([None, "SX"]),
    ),
    max_size=12,
)


class TestDiff:
    def test_finds_nothing_in_the_same_in_another_order(self):
        found = diff([MONDAY, TUESDAY], [TUESDAY, MONDAY])

        assert found.counts == {"added": 0, "removed": 0, "moved": 0, "changed": 0}

    def test_takes_the_nearest_of_the_group_for_moved(self):
        found = diff([MONDAY, OTHERS], [WEDNESDAY, a_stated("2026-03-20"), OTHERS])

        assert [(it.before, it.after, it.fields) for it in found.moved] == [
            (MONDAY, WEDNESDAY, ("date",))
        ]
        assert found.added == (a_stated("2026-03-20"),)

    def test_moves_no_class_to_another_group_or_course(self):
        found = diff([MONDAY], [replace(TUESDAY, setting=Setting(course="SX")), OTHERS])

        assert found.counts == {"added": 2, "removed": 1, "moved": 0, "changed": 0}

    def test_names_what_changed_at_the_same_time(self):
        after = replace(MONDAY, setting=Setting(room="301", students=12), mode="online")

        [change] = diff([MONDAY], [after]).changed
        assert change.fields == ("mode", "room", "students")

    def test_counts_a_class_as_often_as_it_is_there(self):
        assert diff([MONDAY], [MONDAY, MONDAY]).added == (MONDAY,)

    @given(before=classes, after=classes)
    def test_leads_from_one_to_the_other(self, before, after):
        found = diff(before, after)

        kept = Counter(before) - Counter(
            [*found.removed, *(it.before for it in found.moved + found.changed)]
        )
        now = kept + Counter([*found.added, *(it.after for it in found.moved + found.changed)])
        assert now == Counter(after)
