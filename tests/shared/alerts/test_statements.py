from datetime import date, timedelta

import pytest

from shared.alerts.changes import AlertSuperseded, NotTheLead
from shared.alerts.model import About
from shared.alerts.statements import (
    InstitutionNotTold,
    StatementAlreadyAnswered,
    StatementClockRuns,
    StatementDateRefused,
    StatementNotFound,
    StatementTooLate,
    StatementUnanswered,
    answer_statement,
)
from tests.shared.alerts.builders import (
    LATER,
    LEAD,
    NOW,
    PBOC,
    TELLING,
    a_finding,
    an_alert,
    ended,
    in_city,
    judged,
    pleaded,
    told,
)

# Told on Tuesday 31 March: 1, 2, 3, 7 and 8 April are working days, 4 to 6 April are 清明节.
DEADLINE = in_city(2026, 4, 9)
SECOND = timedelta(seconds=1)


def a_told_alert(*findings, **how):
    return an_alert(*findings, rule=TELLING, **how)


def answered(alert, text="在途资金已计入", *, by=LEAD, statement_id="s-1"):
    return answer_statement(alert, statement_id, text, by=by, now=LATER)


class TestBeingTold:
    def test_begins_with_the_alert_and_again_with_a_rise(self):
        alert = a_told_alert(a_finding("e-1"))
        risen = judged(alert, a_finding("e-1", level="red"), rule=TELLING).after

        assert alert.told_at == NOW
        assert risen.told_at == LATER
        assert judged(alert, a_finding("e-2"), rule=TELLING).after.told_at == NOW

    def test_is_a_matter_of_the_rule_and_of_institutions(self):
        account = About("account", "alpha/A1", "alpha A1")

        assert an_alert().told_at is None
        assert a_told_alert(about=account).told_at is None

    def test_begins_when_the_rule_begins_to_tell(self):
        alert = judged(an_alert(), a_finding(), rule=TELLING).after

        assert alert.told_at == LATER


class TestStateCase:
    def test_is_kept_and_told_to_every_department(self):
        change = pleaded(a_told_alert())

        [statement] = change.after.statements
        assert (statement.filed_by, statement.on_paper_at) == ("zhang", None)
        assert set(told(change).values()) == {"statement"}
        assert change.after.state == "raised"

    def test_changes_nothing_for_the_same_words(self):
        alert = pleaded(a_told_alert()).after

        assert pleaded(alert, id="s-2") is None
        assert len(pleaded(alert, "补充说明", id="s-2").after.statements) == 2

    def test_is_refused_from_the_deadline_on(self):
        assert pleaded(a_told_alert(), now=DEADLINE - SECOND) is not None
        with pytest.raises(StatementTooLate, match="2026年04月08日"):
            pleaded(a_told_alert(), now=DEADLINE)

    def test_is_in_time_again_after_a_rise(self):
        alert = a_told_alert(a_finding("e-1"))
        risen = judged(alert, a_finding("e-1", level="red"), rule=TELLING, now=DEADLINE).after

        assert pleaded(risen, now=DEADLINE) is not None

    def test_never_ends_on_an_estimated_calendar(self):
        alert = a_told_alert(now=in_city(2026, 12, 28, 12))

        assert pleaded(alert, now=in_city(2027, 2, 1)) is not None

    def test_is_for_alerts_of_which_an_institution_was_told(self):
        with pytest.raises(InstitutionNotTold):
            pleaded(an_alert(), by=LEAD)

    def test_of_a_superseded_alert_is_refused(self):
        with pytest.raises(AlertSuperseded):
            pleaded(judged(a_told_alert(), rule=TELLING).after)

    def test_counts_a_paper_from_the_day_on_which_it_came(self):
        alert = a_told_alert()

        change = pleaded(alert, by=PBOC, now=DEADLINE, received_on=date(2026, 4, 8))

        [statement] = change.after.statements
        assert (statement.on_paper_at, statement.filed_by) == ("pboc", "wang")
        assert statement.received_at < DEADLINE
        with pytest.raises(StatementTooLate):
            pleaded(alert, by=PBOC, now=DEADLINE, received_on=date(2026, 4, 9))

    @pytest.mark.parametrize("day", [date(2026, 3, 30), date(2026, 4, 2)])
    def test_refuses_a_paper_from_before_it_was_told_or_from_the_future(self, day):
        with pytest.raises(StatementDateRefused):
            pleaded(a_told_alert(), by=LEAD, received_on=day)


class TestAnswerStatement:
    def test_is_kept_with_the_statement_and_told(self):
        change = answered(pleaded(a_told_alert()).after)

        [statement] = change.after.statements
        assert (statement.answer.text, statement.answer.answered_by) == ("在途资金已计入", "li")
        assert change.kind == "statement"

    def test_changes_nothing_for_the_same_again_and_cannot_be_rewritten(self):
        alert = answered(pleaded(a_told_alert()).after).after

        assert answered(alert) is None
        with pytest.raises(StatementAlreadyAnswered):
            answered(alert, "不予采纳")

    def test_is_the_leads_alone_and_of_a_statement_that_is_there(self):
        with pytest.raises(NotTheLead):
            answered(pleaded(a_told_alert()).after, by=PBOC)
        with pytest.raises(StatementNotFound):
            answered(pleaded(a_told_alert()).after, statement_id="s-9")


class TestUpholding:
    def test_waits_until_the_clock_has_run_out(self):
        with pytest.raises(StatementClockRuns, match="2026年04月08日"):
            ended(a_told_alert(), now=DEADLINE - SECOND)
        assert ended(a_told_alert(), now=DEADLINE).state == "disposed"

    def test_waits_for_the_answer_to_a_statement(self):
        alert = pleaded(a_told_alert()).after

        with pytest.raises(StatementUnanswered):
            ended(alert, now=DEADLINE)
        assert ended(answered(alert).after, now=DEADLINE).state == "disposed"

    def test_needs_no_waiting_where_it_says_why_not(self):
        for alert in (a_told_alert(), pleaded(a_told_alert()).after):
            disposed = ended(alert, unanswered_reason="机构法定代表人已失联")

            assert disposed.disposal.unanswered_reason == "机构法定代表人已失联"

    @pytest.mark.parametrize("outcome", ["corrected", "unfounded"])
    def test_alone_waits(self, outcome):
        assert ended(pleaded(a_told_alert()).after, outcome=outcome).state == "disposed"

    def test_is_free_where_no_institution_was_told(self):
        assert ended(an_alert()).state == "disposed"

    def test_is_never_free_on_an_estimated_calendar(self):
        alert = a_told_alert(now=in_city(2026, 12, 28, 12))

        with pytest.raises(StatementClockRuns):
            ended(alert, now=in_city(2027, 2, 1))

    def test_repeats_only_with_the_same_reason_for_not_hearing(self):
        alert = ended(a_told_alert(), unanswered_reason="已失联")

        assert ended(alert, unanswered_reason="已失联") is None
