"""Silent banks and overdue differences, by their times alone."""

from datetime import date, datetime, timedelta

import pytest

from services.fund_monitor.domain.rules.feeds import (
    Silence,
    Unexplained,
    Until,
    banks_keep_sending,
    differences_are_explained,
    look_again_on,
)
from shared.city_time import CITY_TIME

NOON = datetime(2026, 6, 3, 12, tzinfo=CITY_TIME)
LATER = NOON + timedelta(days=2)
SECOND = timedelta(seconds=1)


def a_silence(**more: object) -> Silence:
    given = {
        "last_on": date(2026, 5, 29),
        "first_on": date(2026, 6, 1),
        "yellow": Until(NOON, provisional=False),
        "red": Until(LATER, provisional=False),
    }
    return Silence(**(given | more))


class TestBanksKeepSending:
    """预收费资金监管指标 F19."""

    @pytest.mark.parametrize(
        ("now", "level"),
        [
            pytest.param(NOON - SECOND, None, id="before the hour"),
            pytest.param(NOON, "yellow", id="at the hour"),
            pytest.param(LATER - SECOND, "yellow", id="before the last day has ended"),
            pytest.param(LATER, "red", id="when it has"),
        ],
    )
    def test_holds_the_moment_against_both_times(self, now, level):
        found = banks_keep_sending(a_silence(), open_accounts=2, now=now)

        assert [b.level for b in found.get("2026-06", [])] == ([level] if level else [])

    def test_says_nothing_of_a_bank_without_accounts_or_on_an_estimate(self):
        estimated = a_silence(
            yellow=Until(NOON, provisional=True), red=Until(LATER, provisional=True)
        )

        assert banks_keep_sending(a_silence(), open_accounts=0, now=LATER) == {}
        assert banks_keep_sending(estimated, open_accounts=2, now=LATER) == {}


def some(count: int = 1, **more: object) -> Unexplained:
    given = {
        "found_on": date(2026, 5, 29),
        "kind": "feed_gap",
        "owner": "bank",
        "count": count,
        "events": (),
        "due": Until(NOON, provisional=False),
        "red": Until(LATER, provisional=False),
    }
    return Unexplained(**(given | more))


class TestDifferencesAreExplained:
    """银行接口规范：对账差异应在3个工作日内说明."""

    @pytest.mark.parametrize(
        ("now", "level"),
        [
            pytest.param(NOON - SECOND, None, id="in time"),
            pytest.param(NOON, "yellow", id="late"),
            pytest.param(LATER, "red", id="after twice the time"),
        ],
    )
    def test_is_yellow_when_late_and_red_after_twice_the_time(self, now, level):
        found = differences_are_explained([some()], now=now)

        assert [b.level for b in found.get("2026-05", [])] == ([level] if level else [])

    def test_counts_what_is_late_by_kind_and_owner(self):
        ours = some(2, kind="chain_broken", owner="fund_monitor", events=("e2", "e1"))
        in_time = some(9, due=Until(LATER, provisional=False))

        found = differences_are_explained([some(3), ours, in_time], now=NOON)

        [breach] = found["2026-05"]
        assert breach.figures == {"differences": 5, "ours": 2, "feed_gap": 3, "chain_broken": 2}
        assert breach.events == ("e1", "e2")

    def test_an_estimated_day_finds_nothing(self):
        estimated = some(due=Until(NOON, provisional=True), red=Until(NOON, provisional=True))

        assert differences_are_explained([estimated], now=LATER) == {}


class TestLookAgainOn:
    def test_is_the_day_on_which_the_next_time_has_passed(self):
        times = [Until(NOON, provisional=False), Until(LATER, provisional=False)]

        assert look_again_on(times, now=NOON) == date(2026, 6, 5)
        assert look_again_on(times, now=LATER) is None

    def test_of_an_estimate_is_tomorrow_at_the_earliest(self):
        assert look_again_on([Until(NOON, provisional=True)], now=LATER) == date(2026, 6, 6)
