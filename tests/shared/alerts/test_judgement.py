from dataclasses import replace

import pytest

from shared.alerts.judgement import judge_change
from shared.alerts.model import RuleFacts, Verdict
from tests.shared.alerts.builders import (
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
    ended,
    judged,
    seen,
    told,
)

DEPARTMENTS = ["culture_tourism_sports", "pboc", "cbirc", "finance_office"]


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
