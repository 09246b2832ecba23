"""Filings: the same again, the same otherwise, and in the wrong order."""

import pytest

from services.schedule_monitor.domain.timetable import (
    Filing,
    Timetable,
    TimetableFiledOtherwise,
    TimetableOutdated,
    accept,
)
from tests.schedule_monitor.builders import INSTITUTION, a_stated

MONDAY, TUESDAY = a_stated("2026-03-02"), a_stated("2026-03-03")


def a_filing(*sessions, version=2):
    return Filing(institution_id=INSTITUTION, label="春季", version=version, sessions=sessions)


KNOWN = Timetable(timetable_id="known", filing=a_filing(MONDAY, TUESDAY))


class TestAccept:
    def test_makes_a_new_timetable(self):
        made = accept(a_filing(MONDAY), timetable_id="new", known=None, latest=1)

        assert (made.timetable_id, made.current) == ("new", True)

    def test_returns_the_known_one_in_whatever_order_classes_come(self):
        assert accept(a_filing(TUESDAY, MONDAY), timetable_id="new", known=KNOWN, latest=3) is KNOWN

    @pytest.mark.parametrize("sessions", [(MONDAY,), (MONDAY, TUESDAY, TUESDAY)])
    def test_refuses_other_classes_under_the_same_version(self, sessions):
        with pytest.raises(TimetableFiledOtherwise):
            accept(a_filing(*sessions), timetable_id="new", known=KNOWN, latest=2)

    def test_refuses_a_version_that_was_passed_by(self):
        with pytest.raises(TimetableOutdated):
            accept(a_filing(MONDAY), timetable_id="new", known=None, latest=3)
