"""A lead: one unlawful point handed to the department whose duty it is, and what became of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final, Literal

from shared.errors import Conflict, Forbidden, NotFound

LeadState = Literal["sent", "accepted", "answered"]
StepKind = Literal["accepted", "returned", "feedback"]
LeadOutcome = Literal["penalised", "corrected", "transferred", "unfounded"]

DESK: Final = "market_regulation"
"""It watches over advertising for all: what another department returns goes there."""


class LeadNotFound(NotFound):
    """There is no such lead, or this office has no part in it."""

    code: ClassVar[str] = "lead-not-found"
    title: ClassVar[str] = "没有这条线索"


class NotYourLead(Forbidden):
    """Only the department that a lead lies with may answer it."""

    code: ClassVar[str] = "not-your-lead"
    title: ClassVar[str] = "线索不在您所在的部门"


class LeadNotAccepted(Conflict):
    """Feedback comes after acceptance."""

    code: ClassVar[str] = "lead-not-accepted"
    title: ClassVar[str] = "线索尚未签收"


class LeadAnsweredOtherwise(Conflict):
    """The lead has had its answer, and it was another one."""

    code: ClassVar[str] = "lead-answered-otherwise"
    title: ClassVar[str] = "线索已有不同的答复"


class LeadNotReturnable(Conflict):
    """The desk to which leads are returned keeps them."""

    code: ClassVar[str] = "lead-not-returnable"
    title: ClassVar[str] = "线索不能再退回"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One answer of a department."""

    kind: StepKind
    department: str
    at: datetime
    reason: str | None = None
    outcome: LeadOutcome | None = None

    def says_as(self, other: "Step") -> bool:
        """Tell whether two answers are the same, whenever they came."""
        return replace(self, at=other.at) == other


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What the lead is about: the rule broken, in which words, and what was found."""

    kind: str
    title: str
    article: str
    explanation: str
    phrase: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """One lead at one version; it lies with ``department``, which got it for ``reason``."""

    lead_id: str
    version: int
    sighting_id: str
    point: Point
    sender: str
    department: str
    reason: str
    state: LeadState
    sent_at: datetime
    steps: tuple[Step, ...] = ()

    @property
    def parties(self) -> tuple[str, ...]:
        """Whoever had a part in it: the sender, the desk, and all it lay with."""
        had = (step.department for step in self.steps)
        return tuple(dict.fromkeys((self.sender, DESK, self.department, *had)))

    @property
    def returned(self) -> Step | None:
        """The return by which it came to the desk."""
        return next((step for step in self.steps if step.kind == "returned"), None)

    def answered(self, step: Step) -> "Lead":
        """Take an answer; the same one again changes nothing."""
        if any(step.says_as(before) for before in self.steps):
            return self
        if step.department != self.department:
            raise NotYourLead("只有线索所在的部门可以答复")
        match step.kind:
            case "accepted":
                return self._accepted(step)
            case "returned":
                return self._returned(step)
            case "feedback":
                return self._fed_back(step)

    def _accepted(self, step: Step) -> "Lead":
        if self.state != "sent":
            raise LeadAnsweredOtherwise("线索已签收")
        return self._next("accepted", step)

    def _returned(self, step: Step) -> "Lead":
        if self.department == DESK:
            raise LeadNotReturnable("市市场监管局负责广告监管，退回的线索由其办理")
        if self.state == "answered":
            raise LeadAnsweredOtherwise("线索已有办理结果，不能退回")
        reason = f"原送部门退回：{step.reason}"
        return replace(self._next("sent", step), department=DESK, reason=reason)

    def _fed_back(self, step: Step) -> "Lead":
        if self.state == "sent":
            raise LeadNotAccepted("请先签收，再反馈办理结果")
        if self.state == "answered":
            raise LeadAnsweredOtherwise("线索已有办理结果")
        return self._next("answered", step)

    def _next(self, state: LeadState, step: Step) -> "Lead":
        return replace(self, version=self.version + 1, state=state, steps=(*self.steps, step))
