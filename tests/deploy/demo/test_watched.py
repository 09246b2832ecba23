"""Timetables and sightings of the sample: repeatable, whole, and wrong where they mean to be."""

from collections import Counter

import pytest

from deploy.demo.acting.filing import IN_CHARGE
from deploy.demo.acting.watching import watched_in
from deploy.demo.sample.build import build_sample
from deploy.demo.sample.watched import advert_texts as texts
from deploy.demo.sample.watched.held import PLATFORMS
from deploy.demo.sample.watched.model import Answer, Plan
from deploy.demo.sample.watched.sightings import SIGHTINGS
from tests.deploy.demo import oracle, oracle_adverts, oracle_held, oracle_sessions
from tests.deploy.demo.samples import sample_of, watched_of

SEEDS = (1, 2, 2026)
RULES = {
    *("offline_end", "online_end", "online_length", "online_gap", "preschool_online"),
    *("statutory_holiday", "rest_day", "long_break", "other_break", "school_hours"),
}


class TestFilings:
    def test_are_the_same_for_a_seed_and_others_for_another(self):
        again = watched_in(build_sample(1))

        assert again == watched_of(1)
        assert again.filings != watched_of(2).filings

    @pytest.mark.parametrize("seed", SEEDS)
    def test_come_from_every_registered_institution_and_fit_the_door(self, seed):
        filings = watched_of(seed).filings
        city = sample_of(seed).city

        known = {each.uscc for each in city.institutions if each.registered}

        assert {each.institution.uscc for each in filings} == known
        assert all(0 < len(each.lessons) <= 2_000 for each in filings)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_are_lawful_for_the_most_part_and_break_every_rule_somewhere(self, seed):
        figures = oracle_sessions.sessions(watched_of(seed).filings)

        assert set(figures["by_rule"]) == {f"schedule.{rule}" for rule in RULES}
        assert 30 < figures["breaching"] < figures["filed"] / 20

    @pytest.mark.parametrize("seed", SEEDS)
    def test_of_three_institutions_are_corrected_by_a_second_version(self, seed):
        filings = watched_of(seed).filings
        corrected = [each for each in filings if each.version == 2]

        firsts = {each.institution.uscc: each for each in filings if each.version == 1}

        assert len(corrected) == 3
        for filing in corrected:
            before = oracle_sessions.broken(firsts[filing.institution.uscc])
            after = oracle_sessions.broken(filing)
            assert "offline_end" in {rule for _, rule in before}
            assert "offline_end" not in {rule for _, rule in after}

    def test_reach_the_limits_to_the_minute(self):
        ends = Counter(
            (oracle_sessions.mode_of(lesson, filing), lesson["end"])
            for filing in watched_of(2026).filings
            for lesson in filing.lessons
        )

        assert ends["offline", "20:30:00"]
        assert ends["online", "21:00:00"]

    def test_are_filed_by_institutions_and_by_the_departments_in_charge(self):
        by_itself = Counter(each.by_itself for each in watched_of(1).filings)

        assert min(by_itself[True], by_itself[False]) > 20
        assert IN_CHARGE == oracle.COMPETENT


class TestTellings:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_are_some_hundreds_most_as_filed_and_of_every_other_kind(self, seed):
        watched = watched_of(seed)

        figures = oracle_held.figures(watched.tellings, watched.filings)

        assert figures["sent"] == 355
        assert (figures["told_again"], figures["refused"]) == (29, 12)
        assert figures["lawful"] > figures["held"] * 0.85
        for kind in ("held_moved", "held_overran", "held_unfiled", "held_unlawful"):
            assert 10 < figures[kind] < 30
        assert figures["unapproved_site"] > 5

    @pytest.mark.parametrize("seed", SEEDS)
    def test_come_from_two_platforms_from_institutions_and_from_towns(self, seed):
        tellers = Counter(each.teller.kind for each in watched_of(seed).tellings)
        platforms = {
            each.teller.code for each in watched_of(seed).tellings if each.teller.kind == "platform"
        }

        assert platforms == set(PLATFORMS)
        assert min(tellers.values()) > 60

    def test_name_no_pupil_and_charge_no_contract(self):
        # Contracts are not filed in the sample: a lesson of one would be a finding on money.
        taken = [each for each in watched_of(2026).tellings if not oracle_held.refused(each)]

        assert not any({"attended", "pupil_names"} & set(each.body) for each in taken)


class TestSightings:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_are_exactly_two_hundred_of_every_kind(self, seed):
        figures = oracle_adverts.sightings(watched_of(seed).sightings)

        assert figures["sent"] == SIGHTINGS == 200
        assert (figures["recorded"], figures["duplicate"], figures["refused"]) == (168, 22, 10)
        assert min(figures["by_content"].values()) > 0
        assert min(figures["by_placement"].values()) > 0

    @pytest.mark.parametrize("seed", SEEDS)
    def test_make_leads_for_four_departments_in_every_state(self, seed):
        leads = oracle_adverts.leads(watched_of(seed).sightings)

        assert set(leads["by_department"]) == {
            "education", "market_regulation", "publicity", "urban_enforcement",
        }  # fmt: skip
        for state in ("sent", "accepted", "answered"):
            assert sum(states[state] for states in leads["by_department"].values()) > 5
        assert min(leads["by_outcome"].values()) > 0
        assert leads["returned"] > 5

    def test_some_advertisers_are_seen_often_enough_for_a_red_alert(self):
        alerts = oracle_adverts.ads_alerts(watched_of(2026).sightings)

        assert alerts["market_regulation"]["red"] >= 3

    def test_the_oracles_words_are_found_where_the_texts_mean_them(self):
        for wordings, meant in (
            (texts.ARTS, "nothing_found"),
            (texts.POSTERS, "nothing_found"),
            (texts.SHOPS, "nothing_found"),
            (texts.GUARANTEES, "guarantee"),
            (texts.SUBJECTS, "subject_training_ad"),
            (texts.BOTH, "guarantee_and_subject_training_ad"),
        ):
            found = {
                oracle_adverts.content_of({"text": text, "advertiser": "training_institution"})
                for text in wordings
            }
            assert found == {meant}


class TestPlan:
    ACCEPTED = Answer(kind="accepted")
    RETURNED = Answer(kind="returned", reason="不在本部门")

    def test_leaves_all_answers_to_whom_the_lead_is_sent(self):
        plan = Plan(answers=(self.ACCEPTED,))

        assert plan.by("publicity", desk="desk") == (("publicity", self.ACCEPTED),)

    def test_leaves_the_rest_to_the_desk_after_a_return(self):
        plan = Plan(returned=self.RETURNED, answers=(self.ACCEPTED,))

        assert plan.by("publicity", desk="desk") == (
            ("publicity", self.RETURNED),
            ("desk", self.ACCEPTED),
        )

    def test_has_the_desk_keep_what_it_was_sent(self):
        plan = Plan(returned=self.RETURNED, answers=(self.ACCEPTED,))

        assert plan.by("desk", desk="desk") == (("desk", self.ACCEPTED),)
