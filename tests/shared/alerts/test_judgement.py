from dataclasses import replace

import pytest

from shared.alerts.changes import AlertAlreadyDisposed, AlertSuperseded, NotTheLead
from shared.alerts.judgement import judge_change
from shared.alerts.model import Actor, RuleFacts, Verdict
from tests.shared.alerts.builders import (
    LATER,
    LEAD,
    NOW,
    PBOC,
    RULE,
    TO_CULTURE,
    TO_SCIENCE,
    a_finding,
    a_verdict,
    an_alert,
    an_institution,
)

DEPARTMENTS = ["culture_tourism_sports", "pboc", "cbirc", "finance_office"]


def judged(alert, *findings, **verdict):
    return judge_change(alert, a_verdict(*findings, **verdict), now=LATER, new_id="never-used")


def seen(alert, by=LEAD):
    return acknowledge(alert, by=by, note=None, now=NOW).after


def ended(alert, *, outcome="upheld", reason="已责令补足"):
    return dispose(alert, outcome=outcome, reason=reason, by=LEAD, now=NOW).after


def told(change):
    return {notice.delivery.department: notice.change for notice in change.notices}


class TestVerdict:
    def test_with_findings_needs_a_route(self):
        with pytest.raises(ValueError, match="route"):
            Verdict(
                about=an_institution(),
                rule=RULE,
                window="2026-03",
                findings=(a_finding(),),
                route=None,
            )


class TestJudgeChange:
    def test_raises_an_alert_and_tells_every_department_once(self):
        change = judge_change(None, a_verdict(a_finding()), now=NOW, new_id="alert-1")

        assert change.kind == "raised"
        assert (change.after.id, change.after.version, change.after.state) == (
            "alert-1",
            1,
            "raised",
        )
        assert change.after.lead == "culture_tourism_sports"
        assert told(change) == dict.fromkeys(DEPARTMENTS, "raised")

    def test_knows_nothing_to_say_about_no_findings(self):
        assert judge_change(None, a_verdict(), now=NOW, new_id="alert-1") is None

    def test_takes_the_highest_level_and_says_how_many_findings_there_are(self):
        alert = an_alert(a_finding("e-1"), a_finding("e-2", level="red", message="缺口超过5万元"))

        assert alert.level == "red"
        assert alert.message == "缺口超过5万元（另有1条线索）"

    def test_changes_nothing_for_the_same_findings_in_any_order(self):
        alert = an_alert(a_finding("e-1", "e-2"), a_finding("e-3"))

        again = judged(
            alert, a_finding("e-3"), a_finding("e-2", "e-1", message=a_finding("e-1").message)
        )

        assert again is None

    def test_keeps_the_causes_of_the_last_change_only(self):
        alert = an_alert(causes=("e-1",))

        assert judged(alert, a_finding(), causes=("e-2",)) is None
        assert judged(alert, causes=tuple(map(str, range(50)))).after.causes == tuple(
            map(str, range(20))
        )

    def test_takes_new_evidence_without_a_notice_and_keeps_acknowledgements(self):
        alert = seen(an_alert(a_finding("e-1")))

        change = judged(alert, a_finding("e-1"), a_finding("e-2"))

        assert (change.kind, change.notices) == ("updated", ())
        assert change.after.state == "acknowledged"
        assert change.after.version == alert.version + 1

    def test_publishes_a_rise_and_voids_acknowledgements(self):
        alert = seen(seen(an_alert(a_finding("e-1"))), by=PBOC)

        change = judged(alert, a_finding("e-1"), a_finding("e-2", level="red"))

        assert change.kind == "level_changed"
        assert told(change) == dict.fromkeys(DEPARTMENTS, "level_changed")
        assert (change.after.level, change.after.state) == ("red", "raised")
        assert all(it.acknowledged_at is None for it in change.after.deliveries)

    def test_keeps_the_level_while_the_grave_finding_stands(self):
        alert = an_alert(a_finding("e-1", level="red"))

        change = judged(alert, a_finding("e-1", level="red"), a_finding("e-2"))

        assert change.after.level == "red"

    def test_lets_the_level_fall_with_its_finding_and_keeps_acknowledgements(self):
        alert = seen(an_alert(a_finding("e-1"), a_finding("e-2", level="red")))

        change = judged(alert, a_finding("e-1"))

        assert change.kind == "level_changed"
        assert (change.after.level, change.after.state) == ("yellow", "acknowledged")

    def test_supersedes_what_is_found_no_longer_and_names_the_events(self):
        alert = an_alert(a_finding("e-1", level="red"))

        change = judged(alert, causes=("late-1",))

        assert change.kind == "superseded"
        assert told(change) == dict.fromkeys(DEPARTMENTS, "superseded")
        assert change.after.causes == ("late-1",)
        assert (change.after.level, change.after.findings) == ("red", alert.findings)
        assert judged(change.after) is None

    def test_reopens_what_is_found_again(self):
        alert = judged(seen(an_alert(a_finding("e-1")))).after

        change = judged(alert, a_finding("e-1"))

        assert (change.kind, change.after.state) == ("reopened", "raised")
        assert told(change) == dict.fromkeys(DEPARTMENTS, "reopened")

    def test_leaves_a_disposal_alone_for_what_it_judged(self):
        alert = ended(an_alert(a_finding("e-1"), a_finding("e-2", level="red")))

        assert judged(alert, a_finding("e-2", level="red"), a_finding("e-1")) is None

    def test_takes_new_figures_of_a_disposed_alert_quietly(self):
        alert = ended(an_alert(a_finding("e-1")))

        change = judged(alert, a_finding("e-1", balance_fen=80_000))

        assert (change.kind, change.notices) == ("updated", ())
        assert change.after.state == "disposed"

    def test_reopens_a_disposed_alert_for_new_evidence(self):
        alert = ended(an_alert(a_finding("e-1")))

        change = judged(alert, a_finding("e-1"), a_finding("e-2"))

        assert (change.kind, change.after.state) == ("reopened", "raised")
        assert change.after.disposal is None
        assert len(change.after.disposals) == 1
        assert change.after.delivery_to(LEAD.department).acknowledged_at is None

    def test_reopens_a_disposed_alert_for_a_graver_level_of_the_same_evidence(self):
        alert = ended(an_alert(a_finding("e-1")))

        change = judged(alert, a_finding("e-1", level="red"))

        assert (change.kind, change.after.level) == ("reopened", "red")

    def test_returns_to_the_disposal_when_the_new_evidence_goes(self):
        disposed = ended(an_alert(a_finding("e-1")))
        reopened = judged(disposed, a_finding("e-1"), a_finding("e-2")).after

        change = judged(reopened, a_finding("e-1"))

        assert (change.kind, change.after.state) == ("disposed", "disposed")
        assert change.after.disposal == disposed.disposal
        assert told(change) == dict.fromkeys(DEPARTMENTS, "disposed")

    def test_supersedes_a_disposed_alert_and_comes_back_to_its_disposal(self):
        disposed = ended(an_alert(a_finding("e-1")))

        superseded = judged(disposed)
        back = judged(superseded.after, a_finding("e-1"))

        assert superseded.kind == "superseded"
        assert (back.kind, back.after.disposal) == ("disposed", disposed.disposal)

    def test_tells_a_change_of_departments_to_all_and_withdraws_from_the_former_lead(self):
        alert = seen(seen(an_alert()), by=PBOC)

        change = judged(alert, a_finding(), decision=TO_SCIENCE)

        assert change.kind == "rerouted"
        assert told(change) == {
            "science_tech": "rerouted",
            "pboc": "rerouted",
            "cbirc": "rerouted",
            "finance_office": "rerouted",
            "culture_tourism_sports": "withdrawn",
        }
        assert (change.after.lead, change.after.state) == ("science_tech", "raised")
        assert change.after.delivery_to("pboc").acknowledged_at == NOW

    def test_takes_another_reason_for_the_same_department_quietly(self):
        first, *others = TO_CULTURE.deliveries
        decision = replace(TO_CULTURE, deliveries=(replace(first, reason="附件4：另述"), *others))

        change = judged(seen(an_alert()), a_finding(), decision=decision)

        assert (change.kind, change.notices) == ("updated", ())
        assert change.after.state == "acknowledged"
        assert change.after.deliveries[0].reason == "附件4：另述"

    def test_takes_a_new_name_quietly(self):
        change = judged(an_alert(), a_finding(), about=an_institution(name="启明艺术培训中心"))

        assert (change.kind, change.after.about.name) == ("updated", "启明艺术培训中心")


class TestAcknowledge:
    def test_by_the_lead_acknowledges_the_alert(self):
        change = acknowledge(an_alert(), by=LEAD, note="已派员核查", now=LATER)

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
        assert acknowledge(seen(an_alert()), by=LEAD, note="又", now=LATER) is None

    def test_after_the_disposal_leaves_it_disposed(self):
        assert seen(ended(an_alert()), by=PBOC).state == "disposed"

    def test_of_a_superseded_alert_is_refused_unless_it_is_a_repeat(self):
        alert = judged(seen(an_alert())).after

        assert acknowledge(alert, by=LEAD, note=None, now=LATER) is None
        with pytest.raises(AlertSuperseded):
            acknowledge(alert, by=PBOC, note=None, now=LATER)


class TestDispose:
    @pytest.mark.parametrize("outcome", ["upheld", "corrected", "unfounded"])
    def test_ends_the_alert_and_tells_every_department(self, outcome):
        alert = seen(an_alert())

        change = dispose(alert, outcome=outcome, reason="已核实", by=LEAD, now=LATER)

        assert change.after.state == "disposed"
        assert change.after.disposal.outcome == outcome
        assert told(change) == dict.fromkeys(DEPARTMENTS, "disposed")

    def test_counts_as_the_leads_acknowledgement(self):
        alert = ended(an_alert())

        assert alert.delivery_to("culture_tourism_sports").acknowledged_at == NOW
        assert alert.delivery_to("pboc").acknowledged_at is None

    def test_is_the_leads_alone(self):
        with pytest.raises(NotTheLead, match="市文旅体局"):
            dispose(an_alert(), outcome="upheld", reason="已核实", by=PBOC, now=LATER)

    def test_changes_nothing_for_the_identical_repeat(self):
        alert = ended(an_alert())

        assert dispose(alert, outcome="upheld", reason="已责令补足", by=LEAD, now=LATER) is None
        assert (
            dispose(judged(alert).after, outcome="upheld", reason="已责令补足", by=LEAD, now=LATER)
            is None
        )

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


class TestRuleFacts:
    def test_show_what_the_card_says(self):
        assert (
            RuleFacts(
                code="fund.coverage",
                version=1,
                title="专户余额应覆盖未消课金额",
                article="教监管函〔2021〕2号 预收费全额存管",
                origin="S",
            )
            == RULE
        )
