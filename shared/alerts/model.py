"""What an alert is made of: findings of one rule about one thing in one window, and their fate.

No policy lives here. Which rule raises what is the service's own; where it goes is a routing
decision that is handed in.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

from shared.duties.routing import Role, RoutingDecision
from shared.rules import Origin, RuleCard

Level = Literal["yellow", "red"]
State = Literal["raised", "acknowledged", "disposed", "superseded"]
Outcome = Literal["upheld", "corrected", "unfounded"]
Figure: TypeAlias = int | str | bool | None

LEVELS: Final[tuple[Level, ...]] = ("yellow", "red")
STATES: Final[tuple[State, ...]] = ("raised", "acknowledged", "disposed", "superseded")


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

    @classmethod
    def of(cls, card: RuleCard) -> "RuleFacts":
        """Take the facts from a rule's card."""
        return cls(
            code=card.code,
            version=card.version,
            title=card.title,
            article=card.article.reference,
            origin=card.article.origin,
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
    """One department's part in an alert, with its own acknowledgement."""

    department: str
    role: Role
    reason: str
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    note: str | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert at one version. A superseded one shows the level and findings it last had."""

    id: str
    version: int
    about: About
    rule: RuleFacts
    window: str
    level: Level
    state: State
    message: str
    findings: tuple[Finding, ...]
    lead: str
    deliveries: tuple[Delivery, ...]
    raised_at: datetime
    updated_at: datetime
    disposals: tuple[Disposal, ...] = ()
    causes: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        return Key(self.about, self.rule.code, self.window)

    @property
    def disposal(self) -> Disposal | None:
        """The disposal that holds now; one that new evidence or none has overtaken is history."""
        return self.disposals[-1] if self.state == "disposed" else None

    def delivery_to(self, department: str) -> Delivery | None:
        return next((it for it in self.deliveries if it.department == department), None)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something to an alert: staff of a department, or an administrator for the lead."""

    subject: str
    department: str | None


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
