"""What a registration adds to what was stated."""

import pytest

from services.schedule_monitor.domain.session import NotStated, as_registered
from tests.schedule_monitor.builders import a_registered, a_session, a_stated


class TestAsRegistered:
    def test_takes_kind_and_mode_from_the_registration(self):
        found = as_registered(a_stated(), a_registered(kind="sports", mode="online"))

        assert (found.kind, found.mode, found.remarks) == ("sports", "online", ())

    def test_takes_a_subject_institutions_class_as_a_subject_class(self):
        found = as_registered(a_stated(kind="sports"), a_registered(kind="subject"))

        assert found.kind == "subject"
        assert "申报为体育类，与登记的学科类不一致，按学科类判断" in found.remarks

    def test_takes_a_stated_subject_class_as_one_whoever_holds_it(self):
        found = as_registered(a_stated(kind="subject"), a_registered(kind="sports"))

        assert found.kind == "subject"
        assert "申报为学科类，与登记的体育类不一致" in found.remarks

    def test_takes_the_stated_mode_and_remarks_on_it(self):
        found = as_registered(a_stated(mode="online"), a_registered(mode="offline"))

        assert found.mode == "online"
        assert any("线上" in remark for remark in found.remarks)

    @pytest.mark.parametrize("stated", [{"kind": "subject"}, {"mode": "online"}])
    def test_needs_both_where_there_is_no_registration(self, stated):
        with pytest.raises(NotStated):
            as_registered(a_stated(**stated), None)


class TestReference:
    def test_tells_when_and_for_whom(self):
        assert a_session().reference == "2026-03-03 18:00:00-18:30:00 三年级1班"
