"""Any walk through verdicts, acts of people and passing days, held against a model of it."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.alerts.changes import NotTheLead
from shared.alerts.clocks import Reckoning, with_stopped_clocks
from shared.alerts.escalation import pass_clocks
from shared.alerts.handling import (
    Ending,
    Receipt,
    RecheckMissing,
    SnoozeRefused,
    acknowledge,
    dispose,
    give_feedback,
    snooze,
)
from shared.alerts.judgement import judge_change
from shared.alerts.model import Actor
from shared.alerts.rectifying import Check, NotRectifying, Order, recheck, rectify
from shared.alerts.statements import (
    Plea,
    StatementClockRuns,
    StatementTooLate,
    StatementUnanswered,
    answer_statement,
    state_case,
)
from shared.alerts.transferring import TransferRefused, transfer
from shared.working_days import Notice, WorkingDays
from tests.shared.alerts.builders import (
    INSTITUTION,
    LATER,
    NOW,
    RULE,
    TELLING,
    a_finding,
    a_verdict,
    content,
    ended,
)
from tests.shared.alerts.walk_model import Model, day_of, midnight_after

# What the record says: some events with the level each gives.
RECORDS = st.dictionaries(
    st.sampled_from(["e-1", "e-2", "e-3"]), st.sampled_from(["yellow", "red"]), max_size=3
)
# Weekdays alone, as the model counts; the true calendar is tried in test_clocks.
WEEKDAYS = Notice(frozenset(), frozenset())
COUNTED = Reckoning(WorkingDays(dict.fromkeys(range(2026, 2031), WEEKDAYS)))
BODIES = ["culture_tourism_sports", "science_tech", "pboc", "education", "education_supervision"]
NUMBERS = count(1)


def the_verdict(record, *, causes=(), rule=TELLING):
    return a_verdict(
        *(a_finding(event, level=level) for event, level in record.items()),
        causes=causes,
        rule=rule,
    )


is_open = precondition(lambda self: self.model.is_open)
rectifies = precondition(lambda self: self.model.state == "rectifying")
stands = precondition(lambda self: self.model.state not in (None, "superseded"))


class AlertWalk(RuleBasedStateMachine):
    """The alert under test beside the model."""

    @initialize(record=RECORDS.filter(bool))
    def begin(self, record):
        self.alert = None
        self.model = Model(now=NOW)
        self.judge(record)

    def take(self, change):
        """Go on with what a change made of the alert, as the store does."""
        if change is None:
            return
        before = 0 if self.alert is None else self.alert.version
        departments = [notice.delivery.department for notice in change.notices]
        assert len(departments) == len(set(departments))
        self.alert = with_stopped_clocks(change, COUNTED).after
        assert self.alert.version == before + 1

    def who(self, department=None):
        return {"by": Actor("x", department or self.model.lead), "now": self.model.now}

    @rule(record=RECORDS)
    def judge(self, record):
        change = judge_change(self.alert, the_verdict(record), now=self.model.now, new_id="alert-1")
        if change is not None:
            told = 0 if change.kind == "updated" else len(self.model.roles)
            assert len(change.notices) == told
        self.take(change)
        self.model.judge(record)

    @precondition(lambda self: self.model.is_open and self.model.level == "yellow")
    @rule()
    def rise(self):
        self.judge({**self.model.record, "e-3": "red"})

    @precondition(lambda self: self.model.state in ("disposed", "superseded"))
    @rule()
    def come_back(self):
        self.judge({"e-1": "yellow", f"new-{next(NUMBERS)}": "yellow"})

    @rule()
    def judge_again(self):
        verdict = the_verdict(self.model.record, causes=("again",))

        assert judge_change(self.alert, verdict, now=LATER, new_id="never") is None

    @rule(days=st.integers(1, 9), hours=st.integers(0, 23))
    def wait(self, days, hours):
        self.model.now += timedelta(days=days, hours=hours)
        self.pass_clocks()

    @precondition(lambda self: any(self.model.waits_until()))
    @rule(early=st.booleans())
    def wait_for_the_next_clock(self, early):
        until, _ = min(self.model.waits_until())
        self.model.now = max(self.model.now, until - timedelta(seconds=early))
        self.pass_clocks()

    @rule()
    def pass_clocks(self):
        change = pass_clocks(self.alert, now=self.model.now, reckoning=COUNTED)
        assert (change is not None) == bool(self.model.tick())
        self.take(change)
        assert pass_clocks(self.alert, now=self.model.now, reckoning=COUNTED) is None

    @stands
    @rule(data=st.data())
    def acknowledge(self, data):
        department = data.draw(st.sampled_from(sorted(self.model.roles)))
        change = acknowledge(self.alert, Receipt(), **self.who(department))
        assert (change is None) == (department in self.model.seen)
        self.take(change)
        self.model.seen.add(department)
        self.model.settle()

    @is_open
    @rule(days=st.integers(1, 30))
    def rectify(self, days):
        until = day_of(self.model.now) + timedelta(days=days)
        order = Order(requirement=f"第{next(NUMBERS)}次责令", until=until)
        self.take(rectify(self.alert, order, reckoning=COUNTED, **self.who()))
        self.model.until, self.model.checked_on = until, None
        self.model.seen.add(self.model.lead)
        self.model.settle()

    @precondition(lambda self: self.model.is_open and self.model.state != "rectifying")
    @rule()
    def recheck_nothing(self):
        check = Check(passed=True, note=f"第{next(NUMBERS)}次复查")
        with pytest.raises(NotRectifying):
            recheck(self.alert, check, reckoning=COUNTED, **self.who())

    @rectifies
    @rule(passed=st.booleans(), days=st.integers(1, 30))
    def recheck(self, passed, days):
        until = day_of(self.model.now) + timedelta(days=days)
        check = Check(passed=passed, note=f"第{next(NUMBERS)}次复查", until=until)
        self.take(recheck(self.alert, check, reckoning=COUNTED, **self.who()))
        if passed:
            self.model.checked_on = day_of(self.model.now)
        else:
            self.model.until = until
        self.model.settle()

    @is_open
    @rule(outcome=st.sampled_from(["upheld", "corrected", "unfounded"]), unheard=st.booleans())
    def dispose(self, outcome, unheard):
        ending = Ending(
            outcome=outcome,
            reason=f"第{next(NUMBERS)}次处置",
            unanswered_reason="已失联" if unheard else None,
        )
        refusal = self.refusal(outcome, unheard=unheard)
        if refusal is not None:
            with pytest.raises(refusal):
                dispose(self.alert, ending, reckoning=COUNTED, **self.who())
            return
        self.take(dispose(self.alert, ending, reckoning=COUNTED, **self.who()))
        self.model.dispose()

    def refusal(self, outcome, *, unheard):
        if outcome == "corrected" and self.model.state == "rectifying":
            return RecheckMissing
        if outcome == "upheld" and not unheard and self.model.must_hear():
            return StatementClockRuns if all(self.model.said.values()) else StatementUnanswered
        return None

    @is_open
    @rule(to=st.sampled_from(BODIES))
    def transfer(self, to):
        reason = f"第{next(NUMBERS)}次移交"
        if to == self.model.lead:
            with pytest.raises(TransferRefused):
                transfer(self.alert, to, reason=reason, **self.who())
            return
        self.take(transfer(self.alert, to, reason=reason, **self.who()))
        self.model.hand_over(to)

    @is_open
    @rule(data=st.data())
    def act_without_the_lead(self, data):
        others = sorted(set(self.model.roles) - {self.model.lead})
        ending = Ending(outcome="unfounded", reason="不属实")
        with pytest.raises(NotTheLead):
            dispose(
                self.alert,
                ending,
                reckoning=COUNTED,
                **self.who(data.draw(st.sampled_from(others))),
            )

    @stands
    @rule(data=st.data(), text=st.sampled_from(["已约谈", "已冻结"]))
    def give_feedback(self, data, text):
        department = data.draw(st.sampled_from(sorted(self.model.roles)))
        said = (department, text)
        change = give_feedback(self.alert, text, **self.who(department))
        assert (change is None) == (said in self.model.feedback)
        if change is not None:
            self.model.feedback.append(said)
        self.take(change)

    @stands
    @rule(text=st.sampled_from(["在途", "误报"]))
    def state_case(self, text):
        plea = Plea(id=text, text=text)
        said = {"by": INSTITUTION, "now": self.model.now, "reckoning": COUNTED}
        if text in self.model.said:
            assert state_case(self.alert, plea, **said) is None
        elif self.model.now >= midnight_after(self.model.told_on, 5):
            with pytest.raises(StatementTooLate):
                state_case(self.alert, plea, **said)
        else:
            self.take(state_case(self.alert, plea, **said))
            self.model.said[text] = False

    @precondition(lambda self: self.model.said)
    @rule(data=st.data())
    def answer(self, data):
        text = data.draw(st.sampled_from(sorted(self.model.said)))
        change = answer_statement(self.alert, text, "已核实", **self.who())
        assert (change is None) == self.model.said[text]
        self.model.said[text] = True
        self.take(change)

    @is_open
    @rule(data=st.data(), days=st.integers(0, 16))
    def snooze(self, data, days):
        department = data.draw(st.sampled_from(sorted(self.model.roles)))
        until = day_of(self.model.now) + timedelta(days=days)
        reason = f"第{next(NUMBERS)}次暂缓"
        asked = {"until": until, "reckoning": COUNTED, **self.who(department)}
        if not self.model.may_snooze(until):
            with pytest.raises(SnoozeRefused):
                snooze(self.alert, reason, **asked)
            return
        self.take(snooze(self.alert, reason, **asked))
        self.model.quiet[department] = until

    @invariant()
    def is_what_the_model_says(self):
        if self.alert is None:
            return
        alert, model = self.alert, self.model
        assert (alert.state, alert.level, alert.lead) == (model.state, model.level, model.lead)
        assert {it.department: it.role for it in alert.deliveries} == model.roles
        assert {it.department for it in alert.deliveries if it.acknowledged_at} == model.seen
        assert len(alert.disposals) == model.disposals
        assert [(it.department, it.text) for it in alert.feedback] == model.feedback
        assert {it.text: it.answer is not None for it in alert.statements} == model.said

    @invariant()
    def has_the_clocks_of_the_model(self):
        if self.alert is None:
            return
        alert, model = self.alert, self.model
        order = alert.rectification
        assert (None if order is None else order.until) == model.until
        carried = [(it.clock, it.step, it.to_department) for it in alert.escalations]
        assert carried == model.carried
        marks = {(it.clock, it.started_on, it.days): it.step for it in alert.overdue}
        assert marks == {clock: mark.step for clock, mark in model.marks.items()}
        snoozed = {it.department: it.snoozed_until for it in alert.deliveries if it.snoozed_until}
        assert {it: day_of(end) for it, end in snoozed.items()} == model.quiet


TestAlertWalk = AlertWalk.TestCase
TestAlertWalk.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)


def settled(alert, record):
    verdict = the_verdict(record, rule=RULE)
    change = judge_change(alert, verdict, now=NOW, new_id="alert-1")
    return alert if change is None else change.after


class TestOrderOfVerdicts:
    @given(st.lists(RECORDS, max_size=5), st.lists(RECORDS, max_size=5), RECORDS)
    @settings(deadline=None)
    def test_leaves_no_trace_in_what_stands(self, one_way, other_way, record):
        alerts = []
        for way in (one_way, other_way):
            alert = None
            for step in [*way, record]:
                alert = settled(alert, step)
            alerts.append(alert)

        if record:
            assert content(alerts[0]) == content(alerts[1])
        else:
            assert {alert and alert.state for alert in alerts} <= {None, "superseded"}

    @given(
        RECORDS.filter(bool),
        st.lists(RECORDS, max_size=5),
        st.lists(RECORDS, max_size=5),
        RECORDS,
    )
    @settings(deadline=None)
    def test_leaves_no_trace_after_a_disposal(self, first, one_way, other_way, record):
        disposed = ended(settled(None, first))
        alerts = []
        for way in (one_way, other_way):
            alert = disposed
            for step in [*way, record]:
                alert = settled(alert, step)
            alerts.append(alert)

        assert alerts[0].state == alerts[1].state
        if record:
            assert alerts[0].level == alerts[1].level
            assert alerts[0].findings == alerts[1].findings
