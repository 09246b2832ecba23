"""A request to take something down: who is asked for what, on which grounds, and what became of it.

No policy lives here. What may be asked for, on which grounds and within which time is the
service's own; who may ask is in the table of access.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal

from shared.city_time import city_date
from shared.rules import Article, Origin
from shared.working_days import Deadline, WorkingDays

State = Literal[
    "drafted", "sent", "acknowledged", "done", "refused", "reopened", "closed", "withdrawn"
]
"""``done`` and ``refused`` are what the recipient says; only a re-check closes or reopens."""
Outcome = Literal["done", "refused"]
ProofKind = Literal["file", "snapshot", "text"]
Role = Literal["staff", "admin", "recipient", "service"]
StepKind = Literal[
    "drafted",
    "sent",
    "acknowledged",
    "done",
    "refused",
    "overdue",
    "closed",
    "reopened",
    "withdrawn",
]

WAITING: Final[tuple[State, ...]] = ("sent", "acknowledged", "reopened")
"""The recipient owes an answer, and its clock runs."""
WATCHED: Final[tuple[State, ...]] = (*WAITING, "done", "refused", "closed")
"""What is found after the time was up shows that the thing is still there."""
STATE_NAMES: Final[dict[State, str]] = {
    "drafted": "已拟稿",
    "sent": "已送达",
    "acknowledged": "已签收",
    "done": "对方称已下架",
    "refused": "对方不予下架",
    "reopened": "复查未过，重新要求",
    "closed": "复查通过，已办结",
    "withdrawn": "已撤回",
}


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does something: staff of an office, an administrator, the recipient, or the service."""

    role: Role
    office: str | None = None
    person: str | None = None


SERVICE: Final = Hand("service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who is asked: one with a ``code`` has a signed door of its own, others answer on paper."""

    kind: str
    name: str
    code: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is to be taken down; ``marks`` are what the service knows it again by."""

    kind: str
    title: str
    url: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A finding on which a request rests, with the article of its rule."""

    kind: str
    reference: str
    rule: str
    title: str
    article: str
    origin: Origin
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What shows it: the SHA-256 of a file, where a snapshot is kept, or words."""

    kind: ProofKind
    name: str
    sha256: str | None = None
    reference: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long a recipient has, as a dated rule: in hours, or in working days."""

    code: str
    article: Article
    hours: int | None = None
    working_days: int | None = None

    def __post_init__(self) -> None:
        if (self.hours is None) == (self.working_days is None):
            raise ValueError("A term is told in hours or in working days.")


def term_on(moment: datetime, code: str, terms: Sequence[Term]) -> Term:
    """Return the term of a code in force on the city day of a moment; before any, the first."""
    known = [one for one in terms if one.code == code]
    day = city_date(moment)
    return next((one for one in known if one.article.applies_on(day)), known[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the recipient says, and shows; ``said_at`` is when, ``by`` entered it ``entered_at``."""

    outcome: Outcome
    text: str
    proofs: tuple[Proof, ...]
    said_at: datetime
    entered_at: datetime
    by: Hand

    def says_as(self, other: "Answer") -> bool:
        """Tell whether two answers are the same, whenever and by whom they came in."""
        return (self.outcome, self.text, self.proofs) == (other.outcome, other.text, other.proofs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """What somebody else, or the record itself, found afterwards."""

    passed: bool
    note: str
    proofs: tuple[Proof, ...] = ()
    evidence: tuple[str, ...] = ()
    checked_at: datetime
    by: Hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One time that the recipient is asked, from sending or reopening to the re-check.

    The deadline is not kept: it follows from ``opened_at``, the term and the calendar.
    """

    number: int
    opened_at: datetime
    article: str
    hours: int | None
    working_days: int | None
    acknowledged_at: datetime | None = None
    answer: Answer | None = None
    overdue_at: datetime | None = None
    rechecks: tuple[Recheck, ...] = ()

    @property
    def opened_on(self) -> date:
        """The city day from which working days are counted; it is not counted itself."""
        return city_date(self.opened_at)

    def due(self, calendar: WorkingDays) -> Deadline:
        """Return until when the recipient has time; hours are never provisional."""
        if self.working_days is not None:
            return calendar.deadline(self.opened_on, days=self.working_days)
        return Deadline(self.opened_at + timedelta(hours=self.hours or 0), provisional=False)

    def over_since(self, calendar: WorkingDays) -> datetime | None:
        """Return since when the thing should be gone: said or found to be, or the deadline passed.

        A provisional deadline says nothing.
        """
        deadline = self.due(calendar)
        moments = [] if deadline.provisional else [deadline.at]
        if self.answer is not None and self.answer.outcome == "done":
            moments.append(self.answer.said_at)
        moments += [check.checked_at for check in self.rechecks if check.passed]
        return min(moments, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the history."""

    kind: StepKind
    at: datetime
    by: Hand
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """One request at one version; ``parties`` are the offices that have a part in it.

    ``measure`` is what is asked for by the service's own code, ``demand`` says it in words.
    """

    id: str
    version: int
    state: State
    recipient: Recipient
    thing: Thing
    measure: str
    demand: str
    term: str
    grounds: tuple[Ground, ...]
    proofs: tuple[Proof, ...]
    issuer: str
    parties: tuple[str, ...]
    rounds: tuple[Round, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def round(self) -> Round | None:
        """The round that runs, or ran last."""
        return self.rounds[-1] if self.rounds else None

    @property
    def overdue(self) -> bool:
        """Whether the deadline has passed and the recipient still owes its answer."""
        current = self.round
        return self.state in WAITING and current is not None and current.overdue_at is not None

    @property
    def found_again(self) -> bool:
        """Whether a re-check failed and none has passed since."""
        checks = [check for one in self.rounds for check in one.rechecks]
        failed = bool(checks) and not checks[-1].passed
        return failed and self.state not in ("closed", "withdrawn")

    def is_matter_of(self, hand: Hand) -> bool:
        """Tell whether somebody may see it and act on it."""
        match hand.role:
            case "staff":
                return hand.office in self.parties
            case "recipient":
                return self.state != "drafted" and hand.office == self.recipient.code
            case _:
                return True
