"""Filings: the same again, the same otherwise, and in the wrong order."""

from dataclasses import replace

import pytest

from services.schedule_monitor.domain.timetables.timetable import (
    MOST_SESSIONS_OF_AN_INSTITUTION,
    Filing,
    Timetable,
    TimetableFiledOtherwise,
    TimetableOutdated,
    TooManySessions,
    accept,
)
from tests.schedule_monitor.builders import INSTITUTION, a_stated

MONDAY, TUESDAY = a_stated("2026-03-02"), a_stated("2026-03-03")


def a_filing(*sessions, version=2):
    return Filing(institution_id=INSTITUTION, label="春季", version=version, sessions=sessions)


KNOWN = Timetable(timetable_id="known", filing=a_filing(MONDAY, TUESDAY))


def accepted(filing, *, known=None, latest=None, elsewhere=0):
    before = None
    if latest is not None:
        before = Timetable(timetable_id="before", filing=a_filing(MONDAY, version=latest))
    return accept(filing, timetable_id="new", known=known, latest=before, elsewhere=elsewhere)


class TestAccept:
    def test_makes_a_new_timetable(self):
        made = accepted(a_filing(MONDAY), latest=1)

        assert (made.timetable_id, made.current, made.previous) == ("new", True, "before")

    def test_takes_the_same_patterns_though_a_calendar_makes_other_classes_of_them(self):
        known = Timetable(timetable_id="known", filing=replace(a_filing(MONDAY), plan="sha256:1"))

        assert accepted(replace(a_filing(TUESDAY), plan="sha256:1"), known=known) is known
        with pytest.raises(TimetableFiledOtherwise):
            accepted(replace(a_filing(TUESDAY), plan="sha256:2"), known=known)

    def test_returns_the_known_one_in_whatever_order_classes_come(self):
        assert accepted(a_filing(TUESDAY, MONDAY), known=KNOWN, latest=3) is KNOWN

    @pytest.mark.parametrize("sessions", [(MONDAY,), (MONDAY, TUESDAY, TUESDAY)])
    def test_refuses_other_classes_under_the_same_version(self, sessions):
        with pytest.raises(TimetableFiledOtherwise):
            accepted(a_filing(*sessions), known=KNOWN, latest=2)

    def test_refuses_a_version_that_was_passed_by(self):
        with pytest.raises(TimetableOutdated):
            accepted(a_filing(MONDAY), latest=3)

    def test_takes_as_many_classes_of_an_institution_as_are_judged_at_once(self):
        room = MOST_SESSIONS_OF_AN_INSTITUTION - 2

        assert accepted(a_filing(MONDAY, TUESDAY), elsewhere=room).current
        with pytest.raises(TooManySessions):
            accepted(a_filing(MONDAY, TUESDAY), elsewhere=room + 1)
