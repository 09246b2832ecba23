"""What a department may do with a lead, and that repeats change nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ads_watch.domain.lead import (
    DESK,
    LeadAnsweredOtherwise,
    LeadNotAccepted,
    LeadNotReturnable,
    NotYourLead,
    Step,
)
from tests.ads_watch.builders import a_lead

AT = datetime(2022, 3, 6, tzinfo=UTC)


def accepted(department="publicity", at=AT):
    return Step(kind="accepted", department=department, at=at)


def returned(department="publicity", reason="不属本部门", at=AT):
    return Step(kind="returned", department=department, reason=reason, at=at)


def feedback(department="publicity", outcome="corrected", reason="已撤下", at=AT):
    return Step(kind="feedback", department=department, outcome=outcome, reason=reason, at=at)


def test_is_accepted_and_then_answered():
    lead = a_lead().answered(accepted()).answered(feedback())

    assert (lead.state, lead.version, lead.department) == ("answered", 3, "publicity")


@pytest.mark.parametrize("step", [accepted, returned])
def test_does_not_change_by_a_repeat_whenever_it_comes(step):
    lead = a_lead().answered(step())

    assert lead.answered(step(at=AT + timedelta(days=3))) is lead


def test_does_not_change_by_a_repeated_feedback():
    lead = a_lead().answered(accepted()).answered(feedback())

    assert lead.answered(feedback(at=AT + timedelta(days=1))) is lead
    assert lead.answered(accepted(at=AT + timedelta(days=1))) is lead


def test_goes_back_to_the_desk_with_the_reason():
    lead = a_lead().answered(accepted()).answered(returned())

    assert (lead.department, lead.state) == (DESK, "sent")
    assert "不属本部门" in lead.reason
    assert lead.returned == returned()
    assert set(lead.parties) == {"xiashi", "publicity", DESK}


def test_is_then_the_desks_own():
    lead = a_lead().answered(returned()).answered(accepted(DESK)).answered(feedback(DESK))

    assert lead.state == "answered"


def test_is_not_returned_by_the_desk():
    with pytest.raises(LeadNotReturnable):
        a_lead(department=DESK).answered(returned(DESK))


@pytest.mark.parametrize("office", ["education", "xiashi", DESK])
def test_is_answered_only_by_whom_it_lies_with(office):
    with pytest.raises(NotYourLead):
        a_lead().answered(accepted(office))


def test_is_no_longer_answered_by_who_returned_it():
    with pytest.raises(NotYourLead):
        a_lead().answered(returned()).answered(accepted())


def test_needs_acceptance_before_feedback():
    with pytest.raises(LeadNotAccepted):
        a_lead().answered(feedback())


@pytest.mark.parametrize("other", [feedback(outcome="unfounded"), returned()])
def test_has_one_answer(other):
    lead = a_lead().answered(accepted()).answered(feedback())

    with pytest.raises(LeadAnsweredOtherwise):
        lead.answered(other)
