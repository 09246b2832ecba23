"""The sample: repeatable, whole, and bad exactly where it means to be."""

import json
from collections import Counter
from datetime import datetime
from itertools import pairwise

import pytest
from stdnum.cn import uscc

from deploy.demo.sample.build import EVENTS, build_sample
from deploy.demo.sample.model import Outcome, Sample, Trouble
from deploy.demo.sample.term import LAST_MOMENT, OPENING
from tests.deploy.demo import oracle
from tests.deploy.demo.samples import ledger_of, sample_of

SEEDS = (1, 2, 2026)
LEVELS = {
    Trouble.LONG_ORDERS: ("collection", "yellow"),
    Trouble.LONG_PERIODS: ("collection", "yellow"),
    Trouble.MANY_PUPILS: ("collection", "red"),
    Trouble.SPLIT_ORDERS: ("collection", "red"),
    Trouble.SHORT_FOR_DAYS: ("coverage", "yellow"),
    Trouble.FLED: ("coverage", "red"),
    Trouble.LARGE_GAP: ("coverage", "red"),
    Trouble.REVOKED: ("unknown", "red"),
    Trouble.UNKNOWN: ("unknown", "red"),
}


def written(sample: Sample) -> bytes:
    requests = [
        [request.webhook_id, request.bank.code, [each.body for each in request.sendings]]
        for wave in sample.waves
        for request in wave
    ]
    return json.dumps(requests, ensure_ascii=False).encode()


def alerts_of(seed: int) -> dict[oracle.Alert, str]:
    return oracle.expected_alerts(sample_of(seed), ledger_of(seed))


class TestBuildSample:
    def test_is_the_same_byte_for_byte_for_a_seed(self):
        assert written(build_sample(7)) == written(build_sample(7))

    def test_differs_for_another_seed(self):
        assert written(build_sample(7)) != written(build_sample(8))

    @pytest.mark.parametrize("seed", SEEDS)
    def test_has_exactly_twenty_thousand_events(self, seed):
        assert len(sample_of(seed).sendings) == EVENTS == 20_000

    @pytest.mark.parametrize("seed", SEEDS)
    def test_every_event_comes_to_what_it_is_meant_to(self, seed):
        meant = Counter(each.outcome.value for each in sample_of(seed).sendings)

        figures = ledger_of(seed).figures()

        accepted = figures.pop("accepted")
        assert figures == dict(meant)
        assert accepted == figures["posted"] + figures["parked"] + figures["set_aside"]
        assert min(figures.values()) >= 30

    def test_nothing_happens_before_the_term_or_after_it_is_seen(self):
        bodies = [body for _, body in ledger_of(1).bodies.values()]

        times = [datetime.fromisoformat(str(body["occurred_at"])) for body in bodies]

        assert min(times).date() >= OPENING
        assert max(times) <= LAST_MOMENT

    def test_requests_keep_the_limits_of_the_door(self):
        requests = [request for wave in sample_of(1).waves for request in wave]

        sizes = [json.dumps([s.body for s in each.sendings]).encode() for each in requests]

        assert max(len(each.sendings) for each in requests) <= 500
        assert max(map(len, sizes)) < 768 * 1024
        assert len({each.webhook_id for each in requests}) == len(requests)

    def test_contradictions_wait_for_what_they_contradict(self):
        first, second = sample_of(1).waves

        early = {each.outcome for request in first for each in request.sendings}
        late = {each.outcome for request in second for each in request.sendings}

        assert not early & {Outcome.CONFLICT, Outcome.SET_ASIDE}
        assert late == {Outcome.CONFLICT, Outcome.SET_ASIDE, Outcome.DUPLICATE}

    def test_some_reversals_and_some_movements_come_before_what_they_need(self):
        order = {id(s.body): i for i, s in enumerate(sample_of(1).sendings)}
        ledger = ledger_of(1)
        bodies = dict(ledger.bodies)

        reversed_early = [
            body
            for _, bank, body in ledger.posted()
            if body["type"] == "reversal"
            and order[id(body)]
            < order[id(bodies[oracle.identity_of(bank, body, prefix="reverses_")][1])]
        ]

        assert len(reversed_early) >= 10

    def test_events_are_sent_late_and_shuffled(self):
        request = sample_of(1).waves[0][10]
        times = [s.body["occurred_at"] for s in request.sendings if "occurred_at" in s.body]

        assert any(earlier > later for earlier, later in pairwise(times))


class TestCity:
    def test_has_sixty_institutions_of_all_kinds_in_twelve_towns(self):
        institutions = sample_of(1).city.institutions

        assert len(institutions) == len({each.name for each in institutions}) == 60
        assert len({each.town for each in institutions}) == 12
        assert {each.kind for each in institutions} == {
            "subject", "culture_arts", "sports", "science_tech",
        }  # fmt: skip

    def test_has_valid_codes_of_its_registration_departments(self):
        institutions = sample_of(1).city.institutions

        assert all(uscc.is_valid(each.uscc) for each in institutions)
        assert all(each.uscc[2:8] == "330481" for each in institutions)
        assert {each.uscc[:2] for each in institutions if each.kind == "subject"} == {"52"}
        assert {each.uscc[:2] for each in institutions} == {"52", "91", "92"}

    def test_has_banks_with_identities_of_three_kinds(self):
        assert [bank.identity_fields for bank in sample_of(1).city.banks] == [
            (), ("booked_on",), ("booked_on", "entry_no"),
        ]  # fmt: skip


class TestAlertsOfTheSample:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_are_about_the_bad_institutions_and_no_other(self, seed):
        meant = {
            (institution.uscc, *LEVELS[institution.trouble])
            for institution in sample_of(seed).city.institutions
            if institution.trouble is not None
        }
        owners = {a.account_no: a.institution.uscc for a in sample_of(seed).city.accounts}

        found = {
            (owners.get(about, about), rule, level)
            for (rule, about, _), level in alerts_of(seed).items()
            if rule not in {"conflict", "frozen", "left while frozen", "second account"}
        }

        assert found == meant

    @pytest.mark.parametrize("seed", SEEDS)
    def test_are_about_every_second_account_and_every_freeze(self, seed):
        city = sample_of(seed).city
        custody = Counter(a.institution.uscc for a in city.accounts if a.kind == "custody")
        frozen = {
            str(sending.body["account_no"])
            for sending in sample_of(seed).sendings
            if sending.body.get("type") == "account_frozen"
        }

        found = {(rule, about) for rule, about, _ in alerts_of(seed)}

        seconds = {("second account", code) for code, count in custody.items() if count > 1}
        assert seconds <= found
        assert {("frozen", account_no) for account_no in frozen} <= found
        assert len(seconds) == 5

    @pytest.mark.parametrize("seed", SEEDS)
    def test_are_about_the_banks_fee_on_what_a_court_has_frozen_whole(self, seed):
        fled = {
            a.account_no
            for a in sample_of(seed).city.accounts
            if a.institution.trouble is Trouble.FLED
        }

        found = {alert for alert in alerts_of(seed) if alert[0] == "left while frozen"}

        assert found == {("left while frozen", account_no, "2026-06") for account_no in fled}

    @pytest.mark.parametrize("seed", SEEDS)
    def test_good_institutions_cover_their_lessons_at_every_moment(self, seed):
        good = {i.uscc for i in sample_of(seed).city.institutions if i.trouble is None}
        ledger = ledger_of(seed)

        for code, moves in oracle.moves(ledger).items():
            balance = unconsumed = 0
            for _, more_balance, more_unconsumed in moves:
                balance, unconsumed = balance + more_balance, unconsumed + more_unconsumed
                assert code not in good or balance >= unconsumed >= 0

    @pytest.mark.parametrize("seed", SEEDS)
    def test_no_account_is_ever_overdrawn_at_the_end(self, seed):
        assert min(oracle.balances(ledger_of(seed)).values()) >= 0
