from datetime import date

import pytest

from shared.alerts.changes import (
    MOST_ENTRIES,
    AlertAlreadyDisposed,
    AlertFull,
    AlertSuperseded,
    NotTheLead,
)
from shared.alerts.handling import (
    Ending,
    Receipt,
    RecheckMissing,
    SnoozeRefused,
    acknowledge,
    dispose,
    give_feedback,
)
from shared.alerts.model import Actor
from tests.shared.alerts.builders import (
    LATER,
    LEAD,
    NOW,
    PBOC,
    RECKONING,
    a_finding,
    an_alert,
    ended,
    in_city,
    judged,
    ordered,
    seen,
    snoozed,
    told,
)

DEPARTMENTS = ["culture_tourism_sports", "pboc", "cbirc", "finance_office"]


class TestAcknowledge:
    def test_by_the_lead_acknowledges_the_alert(self):
        change = acknowledge(an_alert(), Receipt(note="已派员核查"), by=LEAD, now=LATER)

        assert (change.kind, change.notices) == ("acknowledged", ())
        assert change.after.state == "acknowledged"
        delivery = change.after.delivery_to("culture_tourism_sports")
        assert (delivery.acknowledged_at, delivery.acknowledged_by) == (LATER, "li")
        assert delivery.note == "已派员核查"

    def test_by_another_department_is_its_own_receipt_only(self):
        alert = seen(an_alert(), by=PBOC)

        assert alert.state == "raised"
        assert alert.delivery_to("pboc").acknowledged_at == NOW
        assert alert.delivery_to("cbirc").acknowledged_at is None

    def test_by_an_administrator_is_the_leads(self):
        alert = seen(an_alert(), by=Actor("root", None))

        assert alert.state == "acknowledged"

    def test_changes_nothing_the_second_time(self):
        assert acknowledge(seen(an_alert()), Receipt(note="又"), by=LEAD, now=LATER) is None

    def test_after_the_disposal_leaves_it_disposed(self):
        assert seen(ended(an_alert()), by=PBOC).state == "disposed"

    def test_of_a_superseded_alert_is_refused_unless_it_is_a_repeat(self):
        alert = judged(seen(an_alert())).after

        assert acknowledge(alert, Receipt(note=None), by=LEAD, now=LATER) is None
        with pytest.raises(AlertSuperseded):
            acknowledge(alert, Receipt(note=None), by=PBOC, now=LATER)


class TestDispose:
    @pytest.mark.parametrize("outcome", ["upheld", "corrected", "unfounded"])
    def test_ends_the_alert_and_tells_every_department(self, outcome):
        alert = seen(an_alert())

        change = dispose(
            alert,
            Ending(outcome=outcome, reason="已核实"),
            by=LEAD,
            now=LATER,
            reckoning=RECKONING,
        )

        assert change.after.state == "disposed"
        assert change.after.disposal.outcome == outcome
        assert told(change) == dict.fromkeys(DEPARTMENTS, "disposed")

    def test_counts_as_the_leads_acknowledgement(self):
        alert = ended(an_alert())

        assert alert.delivery_to("culture_tourism_sports").acknowledged_at == NOW
        assert alert.delivery_to("pboc").acknowledged_at is None

    def test_is_the_leads_alone(self):
        with pytest.raises(NotTheLead, match="市文旅体局"):
            ended(an_alert(), by=PBOC)

    def test_changes_nothing_for_the_identical_repeat(self):
        alert = ended(an_alert())

        assert ended(alert, now=LATER) is None
        assert ended(judged(alert).after, now=LATER) is None

    def test_cannot_be_rewritten(self):
        with pytest.raises(AlertAlreadyDisposed):
            ended(ended(an_alert()), reason="另一理由")

    def test_of_a_superseded_alert_is_refused(self):
        with pytest.raises(AlertSuperseded):
            ended(judged(an_alert()).after)

    def test_of_a_reopened_alert_is_a_new_one_even_in_the_same_words(self):
        reopened = judged(ended(an_alert(a_finding("e-1"))), a_finding("e-2")).after

        alert = ended(reopened)

        assert len(alert.disposals) == 2
        assert alert.disposal.evidence == {"e-1", "e-2"}

    def test_as_corrected_waits_for_the_recheck(self):
        rectifying = ordered(an_alert()).after

        with pytest.raises(RecheckMissing):
            ended(rectifying, outcome="corrected")
        assert ended(rectifying, outcome="unfounded").state == "disposed"


class TestTakingOn:
    def test_is_said_with_the_acknowledgement_and_may_change(self):
        alert = seen(an_alert(), assignee="li", deputy="chen")
        change = acknowledge(alert, Receipt(assignee="zhou"), by=LEAD, now=LATER)

        assert (change.kind, change.notices) == ("updated", ())
        delivery = change.after.delivery_to(LEAD.department)
        assert (delivery.assignee, delivery.deputy) == ("zhou", "chen")
        assert delivery.acknowledged_at == NOW

    def test_survives_a_rise_that_voids_the_acknowledgement(self):
        alert = seen(an_alert(), assignee="li")

        after = judged(alert, a_finding(level="red")).after

        assert after.delivery_to(LEAD.department).acknowledged_at is None
        assert after.delivery_to(LEAD.department).assignee == "li"

    def test_of_a_superseded_alert_is_refused(self):
        alert = judged(seen(an_alert())).after

        with pytest.raises(AlertSuperseded):
            seen(alert, assignee="li")


class TestGiveFeedback:
    def test_is_kept_in_order_and_told_to_the_others(self):
        first = give_feedback(an_alert(), "账户已冻结", by=PBOC, now=NOW)
        second = give_feedback(first.after, "已约谈", by=LEAD, now=LATER)

        assert [it.text for it in second.after.feedback] == ["账户已冻结", "已约谈"]
        assert set(told(first)) == {*DEPARTMENTS} - {"pboc"}
        assert set(told(first).values()) == {"feedback"}

    def test_changes_nothing_for_the_same_words_of_the_same_department(self):
        alert = give_feedback(an_alert(), "账户已冻结", by=PBOC, now=NOW).after

        assert give_feedback(alert, "账户已冻结", by=PBOC, now=LATER) is None
        assert give_feedback(alert, "账户已冻结", by=LEAD, now=LATER) is not None

    def test_is_possible_after_the_disposal_and_not_of_what_is_superseded(self):
        assert give_feedback(ended(an_alert()), "已知悉", by=PBOC, now=LATER) is not None
        with pytest.raises(AlertSuperseded):
            give_feedback(judged(an_alert()).after, "已知悉", by=PBOC, now=LATER)

    def test_is_bounded(self):
        alert = an_alert()
        for number in range(MOST_ENTRIES):
            alert = give_feedback(alert, f"第{number}次", by=PBOC, now=NOW).after

        with pytest.raises(AlertFull):
            give_feedback(alert, "再次", by=PBOC, now=NOW)


class TestSnooze:
    def test_is_the_departments_own_until_the_day_begins_in_the_city(self):
        change = snoozed(an_alert())

        assert (change.kind, change.notices) == ("updated", ())
        assert change.after.delivery_to(LEAD.department).snoozed_until == in_city(2026, 4, 3)
        assert change.after.delivery_to("pboc").snoozed_until is None

    def test_changes_nothing_for_the_same_again(self):
        assert snoozed(snoozed(an_alert()).after, now=LATER) is None

    @pytest.mark.parametrize(
        ("until", "refused"),
        [
            pytest.param(date(2026, 3, 31), True, id="today"),
            pytest.param(date(2026, 4, 1), False, id="tomorrow"),
            # Ten working days from Tuesday 31 March, without the holiday of 4 to 6 April.
            pytest.param(date(2026, 4, 16), False, id="after the tenth working day"),
            pytest.param(date(2026, 4, 17), True, id="a day more"),
        ],
    )
    def test_is_bounded(self, until, refused):
        alert = seen(an_alert())

        if refused:
            with pytest.raises(SnoozeRefused):
                snoozed(alert, until)
        else:
            assert snoozed(alert, until) is not None

    def test_of_a_red_one_ends_with_its_next_clock(self):
        alert = an_alert(a_finding(level="red"))

        assert snoozed(alert, date(2026, 4, 2)) is not None
        with pytest.raises(SnoozeRefused):
            snoozed(alert, date(2026, 4, 3))

    def test_ends_with_a_rise(self):
        alert = judged(snoozed(an_alert()).after, a_finding(level="red")).after

        assert alert.delivery_to(LEAD.department).snoozed_until is None

    def test_of_what_has_ended_is_refused(self):
        with pytest.raises(AlertAlreadyDisposed):
            snoozed(ended(an_alert()))
        with pytest.raises(AlertSuperseded):
            snoozed(judged(an_alert()).after)
