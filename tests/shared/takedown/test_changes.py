"""What a request becomes: every act from every state, terms by their dates, a bound on rounds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.errors import Refusal
from shared.rules import Article
from shared.takedown import changes
from shared.takedown.changes import MOST_ROUNDS, Check, TakedownNotInState
from shared.takedown.model import (
    SERVICE,
    Answer,
    Hand,
    Proof,
    Recipient,
    Step,
    Takedown,
    Term,
    Thing,
)
from shared.working_days import WorkingDays

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
ONE, OTHER = Hand("staff", "economy_it", "one"), Hand("staff", "economy_it", "other")
PROOF = Proof(kind="text", name="说明", text="已下架")
CALENDAR = WorkingDays()


def a_term(code="usual", since=date(2021, 1, 1), until=None, **length):
    return Term(code=code, article=Article("某文件", "时限", "P", since, until), **length)


TERMS = (a_term(working_days=5), a_term("urgent", hours=24))


def a_draft(**more):
    return Takedown(
        **{
            "id": "01890000-0000-7000-8000-000000000009",
            "version": 1,
            "state": "drafted",
            "recipient": Recipient(kind="platform", name="云课堂", code="cloud"),
            "thing": Thing(kind="class", title="某班"),
            "measure": "take_down",
            "demand": "停课",
            "term": "usual",
            "grounds": (),
            "proofs": (PROOF,),
            "issuer": "economy_it",
            "parties": ("economy_it",),
            "steps": (Step(kind="drafted", at=NOW, by=ONE),),
            **more,
        }
    )


def an_answer(outcome="done", by=ONE, text="已下架", proofs=(PROOF,), at=NOW):
    return Answer(outcome=outcome, text=text, proofs=proofs, said_at=at, entered_at=at, by=by)


def sent(**more):
    return changes.send(a_draft(**more), TERMS, by=ONE, now=NOW)


PASSED, FAILED = Check(passed=True, note="没了"), Check(passed=False, note="还在")
LATE = NOW + timedelta(days=30)
STAGES = {
    "drafted": a_draft(),
    "sent": sent(),
    "acknowledged": changes.acknowledge(sent(), by=ONE, now=NOW),
    "overdue": changes.pass_deadline(sent(), CALENDAR, by=SERVICE, now=LATE),
    "done": changes.answer(sent(), an_answer()),
    "refused": changes.answer(sent(), an_answer("refused", text="不认", proofs=())),
    "reopened": changes.recheck(
        changes.answer(sent(), an_answer()), FAILED, TERMS, by=OTHER, now=NOW
    ),
    "closed": changes.recheck(
        changes.answer(sent(), an_answer()), PASSED, TERMS, by=OTHER, now=NOW
    ),
    "withdrawn": changes.withdraw(sent(), "有误", by=ONE, now=NOW),
}
ACTS = {
    "send": lambda it: changes.send(it, TERMS, by=ONE, now=LATE),
    "acknowledge": lambda it: changes.acknowledge(it, by=ONE, now=LATE),
    "done": lambda it: changes.answer(it, an_answer(text="又下架", at=LATE)),
    "refuse": lambda it: changes.answer(it, an_answer("refused", text="又不认", at=LATE)),
    "pass": lambda it: changes.recheck(
        it, replace(PASSED, note="看过", proofs=(PROOF,)), TERMS, by=OTHER, now=LATE
    ),
    "fail": lambda it: changes.recheck(it, replace(FAILED, note="又在"), TERMS, by=OTHER, now=LATE),
    "withdraw": lambda it: changes.withdraw(it, "撤回", by=ONE, now=LATE),
}
# Written apart from the machine: act by stage, to which state; what is missing is refused.
TO = {
    "send": {"drafted": "sent", "sent": "sent", "overdue": "sent"},
    "acknowledge": {
        "sent": "acknowledged",
        "overdue": "acknowledged",
        "reopened": "acknowledged",
        # They received it before: the same again changes nothing.
        **{one: one for one in ("acknowledged", "done", "refused", "closed")},
    },
    "done": dict.fromkeys(("sent", "acknowledged", "overdue", "refused", "reopened"), "done"),
    "refuse": dict.fromkeys(("sent", "acknowledged", "overdue", "reopened"), "refused"),
    "pass": dict.fromkeys(
        ("sent", "acknowledged", "overdue", "done", "refused", "reopened"), "closed"
    ),
    "fail": dict.fromkeys(("overdue", "done", "refused"), "reopened"),
    "withdraw": dict.fromkeys(set(STAGES) - {"closed"}, "withdrawn"),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("stage", STAGES)
def test_every_act_from_every_stage(act, stage):
    expected = TO[act].get(stage)

    if expected is None:
        with pytest.raises(Refusal):
            ACTS[act](STAGES[stage])
    else:
        after = ACTS[act](STAGES[stage])
        assert after.state == expected
        assert after.version - STAGES[stage].version in (0, 1)
        assert len(after.steps) == after.version


def test_an_answer_by_one_person_is_looked_at_by_another():
    with pytest.raises(changes.SecondPersonNeeded):
        changes.recheck(STAGES["done"], PASSED, TERMS, by=ONE, now=NOW)


def test_the_term_is_the_one_of_the_day():
    change = date(2026, 3, 3)
    terms = (a_term(until=change, working_days=5), a_term(since=change, working_days=2))

    before = changes.send(a_draft(), terms, by=ONE, now=NOW)
    after = changes.send(a_draft(), terms, by=ONE, now=NOW + timedelta(days=1))

    assert (before.rounds[0].working_days, after.rounds[0].working_days) == (5, 2)


def test_a_term_is_hours_or_days():
    for length in ({}, {"hours": 1, "working_days": 1}):
        with pytest.raises(ValueError, match="hours or in working days"):
            a_term(**length)


def test_a_deadline_passes_at_its_moment():
    due = sent().rounds[0].due(CALENDAR).at

    for moment, late in ((due - timedelta(microseconds=1), False), (due, True)):
        assert changes.pass_deadline(sent(), CALENDAR, by=SERVICE, now=moment).overdue is late


def test_nobody_is_asked_without_end():
    takedown = sent()
    while len(takedown.rounds) < MOST_ROUNDS:
        takedown = changes.found_again(takedown, FAILED, TERMS, by=SERVICE, now=NOW)

    assert changes.found_again(takedown, FAILED, TERMS, by=SERVICE, now=NOW) is takedown
    answered = changes.answer(takedown, an_answer())
    with pytest.raises(TakedownNotInState):
        changes.recheck(answered, FAILED, TERMS, by=OTHER, now=NOW)
