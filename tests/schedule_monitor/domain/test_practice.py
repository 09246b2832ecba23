"""What a report of practice comes to, by what people said of it and by the law of its days."""

from datetime import date, timedelta
from itertools import permutations, product

import pytest

from services.schedule_monitor.domain.practices.practice import (
    MOST_OPINIONS,
    Decision,
    OpinionNeeded,
    OpinionStands,
    TooManyOfReport,
)
from services.schedule_monitor.domain.practices.practice_breaches import hits_of, practice_breaches
from services.schedule_monitor.domain.rules.practices import PRACTICE_RULES
from tests.schedule_monitor.builders import NOON, a_registered, a_report, an_opinion


def heard(report, *said):
    for number, says in enumerate(said, start=1):
        report = report.asked(an_opinion(number))
        if says is not None:
            report = report.given(an_opinion(number, says))
    return report


def decided(report, outcome):
    return report.decided(
        Decision(outcome=outcome, reasons="理由", by="education", decided_at=NOON)
    )


def codes(report, **registered):
    hits = hits_of(report, a_registered(**registered))
    return {(hit.rule.card.code.removeprefix("schedule."), hit.month) for hit in hits}


SAYS = ("supports", "does_not_support", "unclear", None)


class TestState:
    @pytest.mark.parametrize("said", list(product(SAYS, repeat=3)))
    def test_is_the_same_in_whatever_order_experts_speak(self, said):
        states = {
            heard(a_report("ahead_of_standard"), *order).state for order in permutations(said)
        }

        spoken = {one for one in said if one is not None}
        expected = {
            frozenset(): "opinion_asked",
            frozenset({"supports"}): "upheld",
            frozenset({"does_not_support"}): "unfounded",
        }
        assert states == {expected.get(frozenset(spoken), "undecided")}

    @pytest.mark.parametrize(
        ("practice", "source", "state"),
        [
            ("homework", "visit", "upheld"),
            ("homework", "filing", "upheld"),
            ("homework", "tip", "received"),
            ("ahead_of_standard", "visit", "received"),
            ("overseas_curriculum", "filing", "received"),
        ],
    )
    def test_begins_with_how_it_is_known(self, practice, source, state):
        assert a_report(practice, source).state == state

    def test_of_what_an_officer_saw_waits_once_an_expert_is_asked(self):
        assert heard(a_report(), None).state == "opinion_asked"

    def test_is_the_departments_where_experts_differ(self):
        report = heard(a_report("ahead_of_standard"), "supports", "does_not_support")

        assert decided(report, "unfounded").state == "unfounded"
        assert decided(decided(report, "unfounded"), "upheld").state == "upheld"

    def test_is_not_the_departments_where_they_agree_or_were_not_heard(self):
        with pytest.raises(OpinionStands):
            decided(heard(a_report("ahead_of_standard"), "supports", "supports"), "unfounded")
        with pytest.raises(OpinionNeeded):
            decided(a_report("ahead_of_standard"), "upheld")
        assert decided(a_report("ahead_of_standard"), "unfounded").state == "unfounded"

    def test_waits_since_the_moment_its_next_step_began(self):
        report = a_report("ahead_of_standard")

        assert report.waiting_since == NOON
        assert heard(report, "unclear", "supports").waiting_since == NOON + timedelta(2)
        assert heard(report, "supports").waiting_since is None

    def test_is_asked_of_no_more_experts_than_can_be_followed(self):
        full = heard(a_report("ahead_of_standard"), *(None,) * MOST_OPINIONS)

        with pytest.raises(TooManyOfReport):
            full.asked(an_opinion(MOST_OPINIONS + 1))


class TestLawOfTheDay:
    @pytest.mark.parametrize(
        ("practice", "day", "found"),
        [
            ("homework", "2018-08-21", None),
            ("homework", "2018-08-22", "homework_2018"),
            ("homework", "2021-04-01", "homework_2018"),
            ("homework", "2021-04-02", "homework_2021"),
            ("homework", "2021-07-23", "homework_2021"),
            ("homework", "2021-07-24", "homework"),
            ("ahead_of_standard", "2021-07-23", "ahead_of_standard_2018"),
            ("ahead_of_standard", "2021-07-24", "ahead_of_standard"),
            ("contest", "2018-08-21", None),
            ("contest", "2021-07-23", "contest_2018"),
            ("graded_exam", "2021-07-24", "graded_exam"),
            ("ranking", "2021-07-24", "ranking"),
            ("overseas_curriculum", "2021-07-23", None),
            ("overseas_curriculum", "2021-07-24", "overseas_curriculum"),
        ],
    )
    def test_decides_which_rule_there_is(self, practice, day, found):
        assert codes(a_report(practice, first=day)) == ({(found, day[:7])} if found else set())

    def test_is_asked_in_each_month_that_a_report_reaches_through(self):
        report = a_report(first="2021-06-30", last="2021-08-01")

        assert codes(report) == {
            ("homework_2021", "2021-06"),
            ("homework_2021", "2021-07"),
            ("homework", "2021-07"),
            ("homework", "2021-08"),
        }

    def test_of_one_practice_never_has_two_rules_on_one_day(self):
        for day in (date(2018, 1, 1) + timedelta(n) for n in range(0, 3_650, 1)):
            in_force = [rule.practice for rule in PRACTICE_RULES if rule.in_force(day, day)]
            assert len(in_force) == len(set(in_force))


class TestWhom:
    @pytest.mark.parametrize(
        ("practice", "told", "registered", "found"),
        [
            ("photo_search", {"mode": "online"}, {}, True),
            ("photo_search", {}, {}, False),
            ("photo_search", {}, {"mode": "online"}, True),
            ("recorded_teaching", {"mode": "online"}, {}, True),
            ("recorded_teaching", {}, {}, False),
            ("ahead_of_standard", {}, {}, True),
            ("ahead_of_standard", {}, {"kind": "sports"}, False),
            ("ahead_of_standard", {"kind": "subject"}, {"kind": "sports"}, True),
            ("ahead_of_standard", {"kind": "sports"}, {"kind": "subject"}, True),
            ("subject_teaching", {"kind": "subject"}, {"kind": "sports"}, True),
            ("subject_teaching", {}, {"kind": "subject"}, False),
            ("contest", {"stage": "preschool"}, {}, False),
            ("contest", {"stage": "compulsory"}, {}, True),
            ("contest", {}, {"kind": "sports"}, True),
            ("homework", {"stage": "preschool"}, {"kind": "culture_arts"}, True),
        ],
    )
    def test_a_rule_is_about(self, practice, told, registered, found):
        assert bool(codes(a_report(practice, **told), **registered)) == found


class TestBreaches:
    def test_are_one_for_each_rule_and_month_with_what_stands_and_what_does_not(self):
        tip = a_report("contest", "tip", first="2026-02-03")
        seen = a_report("contest", "visit", first="2026-02-10")
        [breach] = practice_breaches([tip, seen], a_registered())

        assert (breach.month, breach.level) == ("2026-02", "red")
        assert breach.figures["upheld"] == breach.figures["clues"] == 1
        assert breach.message == (
            "本月有2件反映：组织学科类竞赛（已认定1件，线索1件，须核查）。"
            "最早一件：2026-02-03（星期二），来源为投诉举报"
        )

    def test_of_clues_alone_are_yellow_and_other_evidence_than_what_is_upheld(self):
        tip = a_report("contest", "tip")
        [clue] = practice_breaches([tip], a_registered())
        [upheld] = practice_breaches([decided(tip, "upheld")], a_registered())

        assert (clue.level, upheld.level) == ("yellow", "red")
        assert set(clue.references) < set(upheld.references)

    def test_are_none_of_what_fell(self):
        assert practice_breaches([decided(a_report(), "unfounded")], a_registered()) == []
