"""The sample against the door's contract: what must be accepted fits it, the rest does not."""

from datetime import datetime

import pytest
from pydantic import ValidationError

from deploy.demo.model import Body, Institution, Outcome
from deploy.demo.sample import build_sample
from deploy.demo.term import AS_OF
from services.registry.domain.social_credit_code import check_social_credit_code
from shared.contracts.bank import EVENT_ADAPTER, IDENTITY_FIELDS
from tests.deploy.demo import oracle

SAMPLE = build_sample(2026)
LEDGER = oracle.settle(SAMPLE.sendings)


def fits(body: Body) -> bool:
    try:
        event = EVENT_ADAPTER.validate_python(dict(body))
    except ValidationError:
        return False
    return event.occurred_at < datetime.fromisoformat(f"{AS_OF}T18:05:00+08:00")


class TestSampleAgainstTheDoorsContract:
    def test_every_event_to_be_accepted_fits(self):
        assert [body for _, body in LEDGER.bodies.values() if not fits(body)] == []

    def test_no_event_to_be_refused_fits(self):
        refused = [s.body for s in SAMPLE.sendings if s.outcome is Outcome.REFUSED]

        assert [body for body in refused if fits(body)] == []

    def test_events_carry_the_identity_fields_their_bank_declares(self):
        assert all(
            set(IDENTITY_FIELDS) & set(body) == set(bank.identity_fields)
            for bank, body in LEDGER.bodies.values()
        )

    @pytest.mark.parametrize("institution", SAMPLE.city.institutions, ids=lambda i: i.uscc)
    def test_the_register_takes_every_code(self, institution: Institution):
        check_social_credit_code(institution.uscc)
