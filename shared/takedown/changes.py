"""What may be done to a request, and what it becomes: pure functions, each of one act.

An act that is repeated returns the request as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from shared.errors import Conflict, Forbidden, NotFound, Rejected
from shared.takedown.model import (
    WAITING,
    Answer,
    Hand,
    Proof,
    Recheck,
    Round,
    State,
    Step,
    StepKind,
    Takedown,
    Term,
    term_on,
)
from shared.working_days import WorkingDays

MOST_ROUNDS: Final = 50


class TakedownNotFound(NotFound):
    """There is no such request, or it is not this caller's matter."""

    code: ClassVar[str] = "takedown-not-found"
    title: ClassVar[str] = "没有这份下架（停课）要求"

    @classmethod
    def by_id(cls, takedown_id: str) -> "TakedownNotFound":
        """Return the same words for both cases: nobody learns what others are asked."""
        return cls(f"没有编号为{takedown_id}的要求，或不是您的事项。")


class TakedownNotInState(Conflict):
    """What is asked does not follow from where the request stands."""

    code: ClassVar[str] = "takedown-not-in-state"
    title: ClassVar[str] = "该要求现在的状态不允许此操作"


class TakedownAnsweredOtherwise(Conflict):
    """The recipient has answered, and said something else."""

    code: ClassVar[str] = "takedown-answered-otherwise"
    title: ClassVar[str] = "该要求已有不同的答复"


class ProofMissing(Rejected):
    """What is said to be done, and what is asked for, is shown."""

    code: ClassVar[str] = "proof-missing"
    title: ClassVar[str] = "缺少证明材料"


class AnswerTimeRefused(Rejected):
    """A paper came in after the request was sent, and not in the future."""

    code: ClassVar[str] = "answer-time-refused"
    title: ClassVar[str] = "答复时间不可接受"


class SecondPersonNeeded(Forbidden):
    """Whoever entered the proof may not be the one who finds it good."""

    code: ClassVar[str] = "second-person-needed"
    title: ClassVar[str] = "须由另一人复查"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a re-check found, and how it shows."""

    passed: bool
    note: str
    proofs: tuple[Proof, ...] = ()
    evidence: tuple[str, ...] = ()


def send(takedown: Takedown, terms: Sequence[Term], *, by: Hand, now: datetime) -> Takedown:
    """Serve a draft on its recipient: from now on the clock runs."""
    if takedown.state == "sent":
        return takedown
    _require(takedown, ("drafted",), "已送达或已撤回的要求不能再次送达。")
    return _stepped(_asked_again(takedown, "sent", terms, now), "sent", by, now)


def acknowledge(takedown: Takedown, *, by: Hand, now: datetime) -> Takedown:
    """Keep that the recipient has received it; the clock goes on."""
    current = _current(takedown)
    if current.acknowledged_at is not None:
        return takedown
    _require(takedown, WAITING, "只有等待答复的要求可以签收。")
    after = _in_round(takedown, replace(current, acknowledged_at=now), "acknowledged")
    return _stepped(after, "acknowledged", by, now)


def answer(takedown: Takedown, given: Answer) -> Takedown:
    """Keep what the recipient says; whoever refused may still do it, nobody undoes what is done."""
    current = _current(takedown)
    if current.answer is not None and current.answer.says_as(given):
        return takedown
    if takedown.state == "done" or (takedown.state, given.outcome) == ("refused", "refused"):
        raise TakedownAnsweredOtherwise("该要求已有答复，内容与本次不同，请等待复查。")
    _require(takedown, (*WAITING, "refused"), "只有等待答复的要求可以答复。")
    if given.outcome == "done" and not given.proofs:
        raise ProofMissing(fields=[("/proofs", "称已下架的，须附证明材料")])
    # Only what is told of another time: processes' clocks may differ by a moment.
    if given.said_at != given.entered_at and not (
        current.opened_at <= given.said_at <= given.entered_at
    ):
        raise AnswerTimeRefused(
            "答复时间须在要求送达之后、现在之前", fields=[("/said_at", "不在允许的时间之内")]
        )
    answered = replace(
        current,
        answer=given,
        acknowledged_at=current.acknowledged_at or given.entered_at,
    )
    after = _in_round(takedown, answered, given.outcome)
    return _stepped(after, given.outcome, given.by, given.entered_at, given.text)


def recheck(
    takedown: Takedown, check: Check, terms: Sequence[Term], *, by: Hand, now: datetime
) -> Takedown:
    """Close a request, or ask again: by somebody else than who entered the proof."""
    if _is_repeat(takedown, check):
        return takedown
    current = _current(takedown)
    _require(takedown, ("done", "refused", *WAITING), "已办结或已撤回的要求无可复查。")
    given = current.answer
    if given is not None and given.by.person is not None and given.by.person == by.person:
        raise SecondPersonNeeded("录入证明材料的人不得复查，请由另一人复查。")
    if takedown.state in WAITING and check.passed and not check.proofs:
        # Nobody has shown anything yet: whoever looked shows what was seen.
        raise ProofMissing(fields=[("/proofs", "对方未答复而复查通过的，须附复查材料")])
    if takedown.state in WAITING and not check.passed and not takedown.overdue:
        raise TakedownNotInState("对方仍在期限之内，尚不能判为未办。")
    return _checked(takedown, check, terms, by, now)


def found_again(
    takedown: Takedown, check: Check, terms: Sequence[Term], *, by: Hand, now: datetime
) -> Takedown:
    """Ask again because the record shows the thing after it should have been gone."""
    if len(takedown.rounds) >= MOST_ROUNDS:
        return takedown
    return _checked(takedown, check, terms, by, now)


def withdraw(takedown: Takedown, reason: str, *, by: Hand, now: datetime) -> Takedown:
    """Take a request back."""
    if takedown.state == "withdrawn":
        return takedown
    if takedown.state == "closed":
        raise TakedownNotInState("已办结的要求不能撤回。")
    return _stepped(replace(takedown, state="withdrawn"), "withdrawn", by, now, reason)


def pass_deadline(
    takedown: Takedown, calendar: WorkingDays, *, by: Hand, now: datetime
) -> Takedown:
    """Mark a request whose deadline has passed without an answer; a provisional one never has."""
    current = takedown.round
    if current is None or takedown.state not in WAITING or current.overdue_at is not None:
        return takedown
    deadline = current.due(calendar)
    if deadline.provisional or now < deadline.at:
        return takedown
    late = _in_round(takedown, replace(current, overdue_at=now), takedown.state)
    return _stepped(late, "overdue", by, now)


def _checked(
    takedown: Takedown, check: Check, terms: Sequence[Term], by: Hand, now: datetime
) -> Takedown:
    found = Recheck(
        passed=check.passed,
        note=check.note,
        proofs=check.proofs,
        evidence=check.evidence,
        checked_at=now,
        by=by,
    )
    current = _current(takedown)
    looked_at = replace(current, rechecks=(*current.rechecks, found))
    checked = _in_round(takedown, looked_at, takedown.state)
    if check.passed:
        return _stepped(replace(checked, state="closed"), "closed", by, now, check.note)
    if len(takedown.rounds) >= MOST_ROUNDS:
        raise TakedownNotInState(f"该要求已提出{MOST_ROUNDS}次，请另行处理。")
    again = _asked_again(checked, "reopened", terms, now)
    return _stepped(again, "reopened", by, now, check.note)


def _asked_again(
    takedown: Takedown, state: State, terms: Sequence[Term], now: datetime
) -> Takedown:
    term = term_on(now, takedown.term, terms)
    opened = Round(
        number=len(takedown.rounds) + 1,
        opened_at=now,
        article=term.article.reference,
        hours=term.hours,
        working_days=term.working_days,
    )
    return replace(takedown, state=state, rounds=(*takedown.rounds, opened))


def _in_round(takedown: Takedown, current: Round, state: State) -> Takedown:
    return replace(takedown, state=state, rounds=(*takedown.rounds[:-1], current))


def _stepped(
    takedown: Takedown, kind: StepKind, by: Hand, now: datetime, note: str | None = None
) -> Takedown:
    step = Step(kind=kind, at=now, by=by, note=note)
    return replace(takedown, version=takedown.version + 1, steps=(*takedown.steps, step))


def _current(takedown: Takedown) -> Round:
    current = takedown.round
    if current is None:
        raise TakedownNotInState("该要求尚未送达。")
    return current


def _require(takedown: Takedown, states: Sequence[State], why: str) -> None:
    if takedown.state not in states:
        raise TakedownNotInState(why)


def _is_repeat(takedown: Takedown, check: Check) -> bool:
    """Tell whether the last re-check said the same; a failed one lies in the round before."""
    if takedown.state not in ("closed", "reopened"):
        return False
    looked_at = takedown.rounds[-1] if takedown.state == "closed" else takedown.rounds[-2]
    known = looked_at.rechecks[-1]
    return (known.passed, known.note) == (check.passed, check.note)
