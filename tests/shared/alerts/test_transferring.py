import pytest

from shared.alerts.changes import AlertAlreadyDisposed, NotTheLead
from shared.alerts.model import Actor
from shared.alerts.transferring import TransferRefused
from tests.shared.alerts.builders import (
    LATER,
    LEAD,
    PBOC,
    TO_SCIENCE,
    a_finding,
    an_alert,
    ended,
    handed,
    judged,
    ordered,
    seen,
    told,
)

SCIENCE = Actor("sun", "science_tech")


def parts(alert):
    return [(it.department, it.role) for it in alert.deliveries]


class TestTransfer:
    def test_gives_the_lead_to_another_department_and_keeps_the_old_one_as_assistant(self):
        change = handed(seen(an_alert()))

        assert (change.kind, change.after.lead) == ("rerouted", "science_tech")
        assert parts(change.after) == [
            ("science_tech", "lead"),
            ("culture_tourism_sports", "assist"),
            ("pboc", "inform"),
            ("cbirc", "inform"),
            ("finance_office", "inform"),
        ]
        assert set(told(change).values()) == {"rerouted"}
        assert len(change.notices) == 5

    def test_leaves_it_to_the_new_lead_to_acknowledge(self):
        alert = handed(seen(an_alert())).after

        assert alert.state == "raised"
        assert alert.delivery_to("culture_tourism_sports").acknowledged_by == "li"
        assert alert.led_since == LATER
        assert seen(alert, by=SCIENCE).state == "acknowledged"

    def test_to_a_department_that_was_informed_needs_its_acknowledgement_as_lead(self):
        alert = handed(seen(seen(an_alert()), by=PBOC), "pboc").after

        assert parts(alert)[0] == ("pboc", "lead")
        assert alert.delivery_to("pboc").acknowledged_at is None
        assert len(parts(alert)) == 4

    def test_says_why_to_the_new_lead(self):
        alert = handed(an_alert()).after

        assert alert.deliveries[0].reason == "由市文旅体局移交牵头：属科技类机构"

    def test_keeps_a_rectification_that_runs(self):
        alert = handed(ordered(an_alert()).after).after

        assert alert.state == "raised"
        assert seen(alert, by=SCIENCE).state == "rectifying"

    def test_stands_when_the_alert_is_judged_and_routed_again(self):
        alert = seen(handed(seen(an_alert())).after, by=SCIENCE)

        updated = judged(alert, a_finding(), a_finding("e-2")).after
        rerouted = judged(alert, a_finding(), decision=TO_SCIENCE)

        assert (updated.lead, updated.state) == ("science_tech", "acknowledged")
        assert parts(updated) == parts(alert)
        assert rerouted.after.lead == "science_tech"
        assert parts(rerouted.after) == parts(alert)

    def test_gives_back_and_on(self):
        alert = handed(an_alert()).after
        back = handed(alert, LEAD.department, by=SCIENCE).after
        on = handed(back, "education", by=LEAD).after

        assert parts(back)[:2] == [("culture_tourism_sports", "lead"), ("science_tech", "assist")]
        assert parts(on)[:3] == [
            ("education", "lead"),
            ("culture_tourism_sports", "assist"),
            ("science_tech", "assist"),
        ]

    def test_changes_nothing_for_the_same_again(self):
        assert handed(handed(an_alert()).after) is None

    @pytest.mark.parametrize("to", ["culture_tourism_sports", "magic"])
    def test_refuses_the_lead_itself_and_what_is_no_department(self, to):
        with pytest.raises(TransferRefused):
            handed(an_alert(), to)

    def test_is_the_leads_alone_and_of_what_is_open(self):
        with pytest.raises(NotTheLead):
            handed(an_alert(), by=PBOC)
        with pytest.raises(AlertAlreadyDisposed):
            handed(ended(an_alert()))

    def test_takes_the_old_lead_back_its_say(self):
        with pytest.raises(NotTheLead):
            ended(handed(an_alert()).after)
