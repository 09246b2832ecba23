"""Any walk through verdicts and acts of people, held against a model of a few sets."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.alerts.judgement import acknowledge, dispose, judge_change
from shared.alerts.model import severity
from tests.shared.alerts.builders import (
    LATER,
    LEAD,
    NOW,
    TO_CULTURE,
    Actor,
    a_finding,
    a_verdict,
    content,
)

DEPARTMENTS = [delivery.department for delivery in TO_CULTURE.deliveries]

# What the record says: some events with the level each gives.
RECORDS = st.dictionaries(
    st.sampled_from(["e-1", "e-2", "e-3"]), st.sampled_from(["yellow", "red"]), max_size=3
)
DISPOSING = {"outcome": "upheld", "by": LEAD, "now": NOW}


def the_verdict(record, *, causes=()):
    return a_verdict(
        *(a_finding(event, level=level) for event, level in record.items()), causes=causes
    )


def judged(alert, record):
    change = judge_change(alert, the_verdict(record), now=NOW, new_id="alert-1")
    return alert if change is None else change.after


def gravest(record):
    return max(record.values(), key=severity)


class AlertWalk(RuleBasedStateMachine):
    """The alert under test beside the record, what was judged, and who has seen it."""

    def __init__(self):
        super().__init__()
        self.alert = None
        self.record = {}
        self.level = None
        self.known = set()
        self.known_level = None
        self.seen = set()
        self.disposals = 0

    @rule(record=RECORDS)
    def judge(self, record):
        before, was = self.alert, self.expected()
        change = judge_change(before, the_verdict(record), now=NOW, new_id="alert-1")
        if change is not None:
            self.alert = change.after
            assert self.alert.version == (0 if before is None else before.version) + 1
            assert len(change.notices) == (0 if change.kind == "updated" else len(DEPARTMENTS))
        self.remember(record, was)

    def remember(self, record, was):
        self.record = record
        if not record:
            return
        closed = was in (None, "disposed", "superseded")
        rises = self.level is not None and severity(gravest(record)) > severity(self.level)
        if (closed or rises) and self.expected() != "disposed":
            self.seen = set()
        self.level = gravest(record)

    @precondition(lambda self: self.alert is not None)
    @rule()
    def judge_again(self):
        verdict = the_verdict(self.record, causes=("again",))

        assert judge_change(self.alert, verdict, now=LATER, new_id="never") is None

    @precondition(lambda self: self.expected() not in (None, "superseded"))
    @rule(department=st.sampled_from(DEPARTMENTS))
    def acknowledge(self, department):
        change = acknowledge(self.alert, by=Actor("x", department), note=None, now=NOW)
        assert (change is None) == (department in self.seen)
        self.seen.add(department)
        self.alert = self.alert if change is None else change.after

    @precondition(lambda self: self.expected() in ("raised", "acknowledged"))
    @rule()
    def dispose(self):
        self.disposals += 1
        reason = f"第{self.disposals}次处置"
        self.alert = dispose(self.alert, reason=reason, **DISPOSING).after
        self.known |= set(self.record)
        levels = [level for level in (self.known_level, self.level) if level]
        self.known_level = max(levels, key=severity)
        self.seen.add(LEAD.department)

    def expected(self):
        if self.alert is None:
            return None
        if not self.record:
            return "superseded"
        if (
            self.known_level
            and set(self.record) <= self.known
            and severity(gravest(self.record)) <= severity(self.known_level)
        ):
            return "disposed"
        return "acknowledged" if LEAD.department in self.seen else "raised"

    @invariant()
    def is_what_the_model_says(self):
        assert (self.alert is None) == (self.level is None)
        if self.alert is None:
            return
        assert self.alert.state == self.expected()
        assert self.alert.level == self.level
        assert {it.department for it in self.alert.deliveries if it.acknowledged_at} == self.seen
        assert len(self.alert.disposals) == self.disposals


TestAlertWalk = AlertWalk.TestCase
TestAlertWalk.settings = settings(max_examples=200, stateful_step_count=20, deadline=None)


class TestOrderOfVerdicts:
    @given(st.lists(RECORDS, max_size=5), st.lists(RECORDS, max_size=5), RECORDS)
    @settings(deadline=None)
    def test_leaves_no_trace_in_what_stands(self, one_way, other_way, record):
        alerts = []
        for way in (one_way, other_way):
            alert = None
            for step in [*way, record]:
                alert = judged(alert, step)
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
        disposed = dispose(judged(None, first), reason="已责令补足", **DISPOSING).after
        alerts = []
        for way in (one_way, other_way):
            alert = disposed
            for step in [*way, record]:
                alert = judged(alert, step)
            alerts.append(alert)

        assert alerts[0].state == alerts[1].state
        if record:
            assert alerts[0].level == alerts[1].level
            assert alerts[0].findings == alerts[1].findings
