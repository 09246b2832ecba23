"""How a licence stands on a day, and which licence follows another."""

from datetime import date

import pytest

from services.registry.domain.licence import LicenceNotYetIssued, LicenceSuperseded, state_of
from tests.registry.builders import a_licence

UNTIL = date(2026, 9, 28)


class TestStateOf:
    @pytest.mark.parametrize(
        ("today", "state"),
        [
            pytest.param(date(2026, 6, 29), "valid", id="91 days left"),
            pytest.param(date(2026, 6, 30), "expiring", id="90 days left"),
            pytest.param(UNTIL, "expiring", id="the last valid day"),
            pytest.param(date(2026, 9, 29), "expired", id="the day after"),
        ],
    )
    def test_follows_from_the_day(self, today, state):
        assert state_of(a_licence(valid_until=UNTIL), today) == state

    def test_is_none_without_a_licence(self):
        assert state_of(None, UNTIL) == "none"


class TestCheckIssued:
    def test_takes_a_licence_of_today(self):
        a_licence(issued_on=UNTIL).check_issued(UNTIL)

    def test_refuses_one_of_tomorrow(self):
        with pytest.raises(LicenceNotYetIssued, match="2026-09-28"):
            a_licence(issued_on=UNTIL).check_issued(date(2026, 9, 27))


class TestFollowing:
    def test_keeps_the_earliest_first_day(self):
        before = a_licence(issued_on=date(2021, 12, 20), first_issued_on=date(2017, 3, 1))
        renewed = a_licence(issued_on=date(2024, 12, 20))

        assert renewed.following(before).first_issued_on == date(2017, 3, 1)
        assert renewed.following(before).issued_on == date(2024, 12, 20)

    def test_may_correct_one_of_the_same_day(self):
        assert a_licence(number="改").following(a_licence()).number == "改"

    def test_is_never_an_older_one(self):
        with pytest.raises(LicenceSuperseded, match="2019-06-01"):
            a_licence(issued_on=date(2019, 5, 31)).following(a_licence())
