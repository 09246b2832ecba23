"""What an alert is made of: findings of one rule about one thing in one window, and their fate.

No policy lives here. Which rule raises what is the service's own; where it goes is a routing
decision that is handed in.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

from shared.alerts.history import (
    Escalation,
    Feedback,
    Lateness,
    Rectification,
    Statement,
    Transfer,
)
from shared.duties.parties import Role
from shared.duties.routing import RoutingDecision
from shared.rules import Origin, RuleCard

Level = Literal["yellow", "red"]
State = Literal["raised", "acknowledged", "rectifying", "rechecked", "disposed", "superseded"]
Outcome = Literal["upheld", "corrected", "unfounded"]
Figure: TypeAlias = int | str | bool | None

LEVELS: Final[tuple[Level, ...]] = ("yellow", "red")
OPEN_STATES: Final[tuple[State, ...]] = ("raised", "acknowledged", "rectifying", "rechecked")


def severity(level: Level) -> int:
    """Return the place of a level in the order from mild to grave."""
    return LEVELS.index(level)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """What an alert keeps of the rule that raised it."""

    code: str
    version: int
    title: str
    article: str
    origin: Origin
    tells_institution: bool = False

    @classmethod
    def of(cls, card: RuleCard) -> "RuleFacts":
        """Take the facts from a rule's card."""
        return cls(
            code=card.code,
            version=card.version,
            title=card.title,
            article=card.article.reference,
            origin=card.article.origin,
            tells_institution=card.tells_institution,
        )


@dataclass(frozen=True, slots=True)
class About:
    """The one thing an alert is about: an institution, an account, a bank, a platform, a place."""

    kind: str
    id: str
    name: str = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule says of a case, with the figures and events it was computed from.

    ``events`` is the evidence: after a disposal only an event not known then, or a graver level,
    opens the alert again. Figures may change without that.
    """

    rule: RuleFacts
    level: Level
    message: str
    figures: Mapping[str, Figure]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """What makes an alert the only one of its kind."""

    about: About
    rule: str
    window: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All that a rule finds about one thing in one window now; no findings closes its alert."""

    about: About
    rule: RuleFacts
    window: str
    findings: tuple[Finding, ...]
    route: RoutingDecision | None
    # References of the events that made the judge look again; told with the change.
    causes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.findings and self.route is None:
            raise ValueError("Findings go somewhere: a verdict that has some needs a route.")

    @property
    def key(self) -> Key:
        return Key(self.about, self.rule.code, self.window)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One department's part in an alert, with its own acknowledgement and its own people.

    ``snoozed_until`` quiets what reminds this department; it moves no clock.
    """

    department: str
    role: Role
    reason: str
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    note: str | None = None
    assignee: str | None = None
    deputy: str | None = None
    snoozed_until: datetime | None = None
    snooze_reason: str | None = None

    def is_snoozed(self, now: datetime) -> bool:
        return self.snoozed_until is not None and now < self.snoozed_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """How the lead ended an alert, and all the evidence that had been judged by then."""

    outcome: Outcome
    reason: str
    department: str
    disposed_by: str
    disposed_at: datetime
    level: Level
    evidence: frozenset[str]
    unanswered_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert at one version. A superseded one shows the level and findings it last had.

    ``route`` is where the rule sends it, ``deliveries`` are where it went after transfers and
    escalations. The lead's clocks count from ``opened_at`` (raised, risen or returned) and
    ``led_since`` (when the present lead got it), the institution's from ``told_at``.
    """

    id: str
    version: int
    about: About
    rule: RuleFacts
    window: str
    level: Level
    state: State
    message: str
    findings: tuple[Finding, ...]
    route: RoutingDecision
    lead: str
    deliveries: tuple[Delivery, ...]
    raised_at: datetime
    updated_at: datetime
    opened_at: datetime
    led_since: datetime
    told_at: datetime | None = None
    disposals: tuple[Disposal, ...] = ()
    causes: tuple[str, ...] = ()
    rectification: Rectification | None = None
    past_rectifications: tuple[Rectification, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    statements: tuple[Statement, ...] = ()
    lateness: tuple[Lateness, ...] = ()
    escalations: tuple[Escalation, ...] = ()

    @property
    def key(self) -> Key:
        return Key(self.about, self.rule.code, self.window)

    @property
    def disposal(self) -> Disposal | None:
        """The disposal that holds now; one that new evidence or none has overtaken is history."""
        return self.disposals[-1] if self.state == "disposed" else None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def overdue(self) -> tuple[Lateness, ...]:
        """The clocks that have passed and still wait for the lead."""
        return tuple(late for late in self.lateness if late.stopped_at is None)

    def delivery_to(self, department: str) -> Delivery | None:
        return next((it for it in self.deliveries if it.department == department), None)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something to an alert: staff of a department, or an administrator for the lead."""

    subject: str
    department: str | None

    def office_in(self, alert: Alert) -> str:
        """Return the department for which they act on an alert."""
        return self.department or alert.lead


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who speaks for an institution that an alert is about."""

    subject: str
    institution: str


def canonical(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings by gravity and content, without repeats, so that equal sets are equal."""
    unique = {_content(finding): finding for finding in findings}
    return tuple(
        Finding(
            rule=finding.rule,
            level=finding.level,
            message=finding.message,
            figures=dict(finding.figures),
            events=tuple(sorted(set(finding.events))),
        )
        for _, finding in sorted(unique.items(), key=lambda item: item[0])
    )


def evidence_of(findings: Iterable[Finding]) -> frozenset[str]:
    """Return the references of all events behind some findings."""
    return frozenset(event for finding in findings for event in finding.events)


def highest(findings: Iterable[Finding]) -> Level:
    """Return the gravest level among some findings."""
    return max((finding.level for finding in findings), key=severity)


def message_of(findings: tuple[Finding, ...]) -> str:
    """Say the gravest finding, and how many more there are."""
    more = len(findings) - 1
    return findings[0].message + (f"（另有{more}条线索）" if more else "")


def _content(finding: Finding) -> tuple[int, str, str, str, str]:
    return (
        -severity(finding.level),
        finding.message,
        json.dumps(dict(finding.figures), sort_keys=True),
        json.dumps(sorted(set(finding.events))),
        repr(finding.rule),
    )
