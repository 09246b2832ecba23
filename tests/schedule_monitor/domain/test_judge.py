"""Verdicts on classes: which law holds on which day, and what needs which calendar."""

import pytest

from services.schedule_monitor.domain.evaluation import RULES
from services.schedule_monitor.domain.judge import (
    counts_of,
    day_for_subject_classes,
    judge_sessions,
    verdict_of,
)
from tests.schedule_monitor.builders import (
    a_break,
    a_school_year,
    a_session,
    calendars,
    decided,
    on,
)


def judged(*sessions, **how):
    return judge_sessions(sessions, calendars(**how))


def codes(one):
    return [found.rule.card.code.removeprefix("schedule.") for found in one.findings]


def kind_of(day):
    """Return a kind under the law of a day: that of 2019 is for subjects, 2021-07-24 a Saturday."""
    return "subject" if day < "2021-07-24" else "sports"


class TestJudgeSessions:
    def test_finds_an_ordinary_class_lawful(self):
        [one] = judged(a_session())

        assert (one.verdict, one.findings, one.missing) == ("lawful", (), ())

    @pytest.mark.parametrize(
        ("day", "end", "found"),
        [
            pytest.param("2021-07-23", "18:40:00", [], id="forty minutes, the last day of 2019"),
            pytest.param("2021-07-23", "18:40:01", ["online_length_2019"], id="and a second more"),
            pytest.param("2021-07-24", "18:30:00", [], id="thirty minutes, the first day of 2021"),
            pytest.param("2021-07-24", "18:30:01", ["online_length"], id="and a second longer"),
        ],
    )
    def test_takes_the_length_of_the_days_law(self, day, end, found):
        [one] = judged(a_session(day, "18:00", end, mode="online", kind=kind_of(day)))

        assert codes(one) == found

    @pytest.mark.parametrize(
        ("day", "mode", "end", "found"),
        [
            ("2018-08-21", "offline", "20:31", []),
            ("2018-08-22", "offline", "20:31", ["offline_end_2018"]),
            ("2021-04-01", "offline", "20:31", ["offline_end_2018"]),
            ("2021-04-02", "offline", "20:31", ["offline_end_2021"]),
            ("2021-07-24", "offline", "20:31", ["offline_end"]),
            ("2019-07-11", "online", "21:01", []),
            ("2019-07-12", "online", "21:01", ["online_end_2019"]),
            ("2021-04-01", "online", "21:01", ["online_end_2019"]),
            ("2021-04-02", "online", "21:01", ["online_end_2021"]),
            ("2021-07-23", "online", "21:01", ["online_end_2021"]),
            ("2021-07-24", "online", "21:01", ["online_end"]),
        ],
    )
    def test_takes_the_end_of_the_days_law(self, day, mode, end, found):
        start = "20:40" if mode == "online" else "20:00"

        [one] = judged(a_session(day, start, end, mode=mode, kind=kind_of(day)))

        assert codes(one) == found

    @pytest.mark.parametrize(
        ("day", "verdict"), [("2021-07-18", "lawful"), ("2021-07-25", "unlawful")]
    )
    def test_keeps_sundays_free_since_the_opinions(self, day, verdict):
        [one] = judged(a_session(day))

        assert one.verdict == verdict

    def test_lists_everything_a_class_breaks(self):
        session = a_session("2026-02-17", "20:50", "21:30", mode="online", stage="preschool")

        [one] = judge_sessions([session], calendars(a_school_year(stage="preschool")))

        assert codes(one) == [
            "preschool_online",
            "statutory_holiday",
            "long_break",
            "online_end",
            "online_length",
        ]

    @pytest.mark.parametrize(
        ("session", "missing"),
        [
            (a_session("2026-09-02"), ("覆盖2026-09-02的义务教育阶段校历",)),
            (a_session(stage="senior_secondary"), ("覆盖2026-03-03的高中阶段校历",)),
            (
                a_session("2027-03-02"),
                ("2027年国务院放假通知", "覆盖2027-03-02的义务教育阶段校历"),
            ),
        ],
    )
    def test_says_which_calendar_is_missing(self, session, missing):
        [one] = judged(session)

        assert (one.verdict, one.missing) == ("calendar_incomplete", missing)

    @pytest.mark.parametrize(
        "session",
        [
            a_session("2026-09-02", "20:00", "20:30:01"),
            a_session("2026-09-05"),
            a_session("2027-03-02", "20:00", "20:30:01"),
        ],
    )
    def test_leaves_unlawful_what_is_so_without_a_calendar(self, session):
        [one] = judged(session)

        assert (one.verdict, one.missing) == ("unlawful", ())

    def test_finds_a_school_break_of_a_year_without_notice(self):
        year = a_school_year(
            school_year="2026-2027",
            first_day=on("2026-09-01"),
            last_day=on("2027-08-31"),
            breaks=(a_break("2027-01-23", "2027-02-21"),),
        )

        [one] = judge_sessions([a_session("2027-02-02")], calendars(year))

        assert codes(one) == ["long_break"]

    def test_needs_no_calendar_for_other_kinds(self):
        [one] = judged(a_session("2027-03-06", kind="sports"))

        assert one.verdict == "lawful"

    def test_notes_that_an_adjusted_workday_is_a_decision(self):
        [one] = judged(a_session("2026-05-09"))

        assert one.verdict == "lawful"
        assert any("政策决定" in note for note in one.notes)

    def test_follows_a_decision_of_the_city(self):
        [one] = judged(a_session("2026-05-09"), policies=decided(("2026-05-09", "rest_day")))

        assert codes(one) == ["adjusted_workday"]
        assert one.notes == ()


class TestGaps:
    """Within a class group, on a day, whatever order the classes come in."""

    def test_are_measured_from_the_class_before(self):
        late = a_session(start="18:35", end="19:00", mode="online")
        early = a_session(start="18:00", end="18:30", mode="online")

        assert [codes(one) for one in judged(late, early)] == [["online_gap"], []]

    @pytest.mark.parametrize(
        "other",
        [
            {"class_group": "三年级2班", "mode": "online"},
            {"mode": "offline"},
            {"day": "2026-03-04", "mode": "online"},
        ],
    )
    def test_are_not_measured_between_groups_days_or_modes(self, other):
        first = a_session(start="18:00", end="18:30", mode="online")
        second = a_session(start="18:30", end="18:45", **other)

        assert [codes(one) for one in judged(first, second)] == [[], []]

    def test_are_measured_from_a_long_class_that_still_runs(self):
        long = a_session(start="18:00", end="19:00", mode="online")
        short = a_session(start="18:10", end="18:20", mode="online")
        after = a_session(start="18:40", end="18:50", mode="online")

        found = [codes(one) for one in judged(long, short, after)]

        assert found == [["online_length"], ["online_gap"], ["online_gap"]]

    def test_find_a_class_that_is_planned_twice(self):
        twice = a_session(mode="online")

        assert [codes(one) for one in judged(twice, twice)] == [[], ["online_gap"]]


class TestVerdictOf:
    @pytest.mark.parametrize(
        ("days", "verdict"),
        [
            (["2026-03-03"], "lawful"),
            (["2026-03-03", "2026-09-02"], "calendar_incomplete"),
            (["2026-09-02", "2026-03-07", "2026-03-03"], "unlawful"),
        ],
    )
    def test_is_the_gravest(self, days, verdict):
        found = judged(*(a_session(day) for day in days))

        assert verdict_of(found) == verdict
        assert sum(counts_of(found).values()) == len(days)


class TestDayForSubjectClasses:
    def test_is_decided_by_the_day_alone(self):
        found = {
            day: day_for_subject_classes(on(day), "compulsory", calendars()).verdict
            for day in ("2026-03-03", "2026-03-07", "2026-07-01", "2026-09-02")
        }

        assert found == {
            "2026-03-03": "lawful",
            "2026-03-07": "unlawful",
            "2026-07-01": "unlawful",
            "2026-09-02": "calendar_incomplete",
        }

    def test_is_never_lawful_before_school_age(self):
        assert codes(day_for_subject_classes(on("2026-03-03"), "preschool", calendars())) == [
            "preschool_subject"
        ]


class TestRules:
    def test_hold_in_one_version_at_a_time(self):
        for day in map(on, ["2021-07-23", "2021-07-24"]):
            titles = [rule.card.title for rule in RULES if rule.card.article.applies_on(day)]
            assert len(titles) == len(set(titles))
