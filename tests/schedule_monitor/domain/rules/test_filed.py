"""Courses, teachers and rooms: what was filed, and what cannot be at the same time."""

from decimal import Decimal

import pytest

from services.schedule_monitor.domain.rules.filed import (
    CAPACITY,
    FILED_RULES,
    RECORDED,
    ROOM_OVERLAP,
    SUBJECT_NAME,
    TEACHER_OVERLAP,
    UNFILED_COURSE,
)
from services.schedule_monitor.domain.session import Setting
from services.schedule_monitor.domain.timetables.surroundings import (
    FiledCourse,
    FiledRoom,
    Surroundings,
)
from tests.schedule_monitor.builders import a_session, said

ROOM = ("总部", "301")


def a_course(code="C1", name="篮球基础", **more):
    defaults = {"kind": "sports", "stage": "compulsory", "mode": "offline"}
    return FiledCourse(code=code, name=name, **(defaults | more))


def filed(*courses, area="30"):
    room = FiledRoom(site=ROOM[0], room=ROOM[1], area_m2=Decimal(area))
    return Surroundings({one.code: one for one in courses}, {ROOM: room})


def found(card, setting, *courses, area="30", **more):
    session = a_session(setting=setting, **more)
    return said(card, session, surroundings=filed(*courses, area=area))


class TestUnfiledCourse:
    @pytest.mark.parametrize(
        ("code", "message"),
        [
            ("C1", None),
            ("C2", "课程C2未备案"),
            (None, "本节未写明课程，该机构已有备案课程"),
        ],
    )
    def test_is_one_that_is_not_among_the_filed(self, code, message):
        assert found(UNFILED_COURSE, Setting(course=code), a_course()) == message

    def test_is_not_asked_of_who_has_filed_none(self):
        assert found(UNFILED_COURSE, Setting(course="C1")) is None


class TestSubjectContent:
    @pytest.mark.parametrize(
        ("course", "breached"),
        [
            ({"name": "少儿数学思维"}, True),
            ({"name": "创意数*学"}, True),
            ({"name": "創意數學"}, True),
            ({"materials": ("作文三十讲",)}, True),
            ({"subject_matter": "剑桥英语口语"}, True),
            ({"name": "高考体育特训"}, False),
            ({"name": "篮球基础"}, False),
        ],
    )
    def test_shows_in_name_content_and_materials(self, course, breached):
        message = found(SUBJECT_NAME, Setting(course="C1"), a_course(**course), kind="sports")

        assert (message is not None) == breached

    def test_is_not_asked_of_subject_classes(self):
        course = a_course(name="数学", kind="subject")

        assert found(SUBJECT_NAME, Setting(course="C1"), course) is None


class TestRecordedForLive:
    @pytest.mark.parametrize(
        ("delivery", "filed_as", "mode", "breached"),
        [
            ("recorded", "live", "online", True),
            ("recorded", "recorded", "online", False),
            ("live", "live", "online", False),
            ("recorded", "live", "offline", False),
        ],
    )
    def test_is_compared_with_the_filed_course(self, delivery, filed_as, mode, breached):
        setting = Setting(course="C1", delivery=delivery)

        message = found(RECORDED, setting, a_course(delivery=filed_as), mode=mode)

        assert (message is not None) == breached


class TestOverlaps:
    @pytest.mark.parametrize(
        ("start", "overlaps"), [("18:29:59", True), ("18:30:00", False), ("18:30:01", False)]
    )
    def test_begin_where_one_ends_later_than_the_next_starts(self, start, overlaps):
        setting = Setting(teacher="T1", site=ROOM[0], room=ROOM[1])
        first = a_session(setting=setting)
        second = a_session(start=start, end="19:00", setting=setting, class_group="二班")

        for card in (TEACHER_OVERLAP, ROOM_OVERLAP):
            assert (said(card, first, second) is not None) == overlaps

    @pytest.mark.parametrize(
        "other", [Setting(teacher="T2", site="总部", room="302"), Setting(room="301"), Setting()]
    )
    def test_need_the_same_teacher_or_the_same_room_of_a_site(self, other):
        first = a_session(setting=Setting(teacher="T1", site=ROOM[0], room=ROOM[1]))
        second = a_session(setting=other)

        for card in (TEACHER_OVERLAP, ROOM_OVERLAP):
            assert said(card, first, second) is None


class TestCapacity:
    @pytest.mark.parametrize(
        ("students", "area", "message"),
        [
            (10, "30", None),
            (10, "29.9999", "教室301面积29.9999平方米，本节10人，生均不足3平方米"),
            (11, "30.00", "教室301面积30平方米，本节11人，生均不足3平方米"),
            (None, "1", None),
        ],
    )
    def test_is_three_square_metres_a_student(self, students, area, message):
        setting = Setting(site=ROOM[0], room=ROOM[1], students=students)

        assert found(CAPACITY, setting, area=area) == message

    def test_counts_the_roster_where_no_number_is_told(self):
        setting = Setting(site=ROOM[0], room=ROOM[1], roster=tuple("abcdefghijk"))

        assert found(CAPACITY, setting) is not None

    @pytest.mark.parametrize(
        ("students", "message"),
        [(66, None), (67, "登记的教学点总面积200平方米，本节67人，生均不足3平方米")],
    )
    def test_takes_the_whole_site_where_the_room_is_not_filed(self, students, message):
        setting = Setting(site=ROOM[0], room="未备案", students=students)
        known = Surroundings(sites_m2={ROOM[0]: Decimal(200)})

        assert said(CAPACITY, a_session(setting=setting), surroundings=known) == message


def test_what_needs_a_person_makes_no_class_unlawful():
    reviewed = {rule.card.code for rule in FILED_RULES if rule.review}

    assert reviewed == {
        "schedule.subject_content",
        "schedule.recorded_for_live",
        "schedule.teacher_overlap",
        "schedule.room_overlap",
    }
