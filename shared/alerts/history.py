"""What people and clocks did to an alert, kept in order beside what the rule says of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

ClockKind = Literal["acknowledge", "dispose", "recheck"]

CLOCKS: Final[dict[ClockKind, str]] = {
    "acknowledge": "签收",
    "dispose": "处置",
    "recheck": "复查",
}
"""The clocks of the lead, with the word a reader knows each by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """What the lead found when it looked whether the requirement was met."""

    passed: bool
    note: str
    checked_by: str
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectification:
    """What must be put right, and until which day; with its re-check once there was one."""

    requirement: str
    until: date
    department: str
    ordered_by: str
    ordered_at: datetime
    recheck: Recheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The lead handed the alert to another department."""

    from_department: str
    to_department: str
    reason: str
    transferred_by: str
    transferred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What one department tells the others."""

    department: str
    text: str
    given_by: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The lead's answer to a statement."""

    text: str
    department: str
    answered_by: str
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The institution's side (陈述申辩), by itself or typed in by the department it gave it to."""

    id: str
    text: str
    on_paper_at: str | None
    filed_by: str
    filed_at: datetime
    received_at: datetime
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """A clock of the lead that passed: which period it was, when it was marked and when it ended.

    ``step`` is how far it was escalated, 0 being nobody.
    """

    clock: ClockKind
    started_on: date
    days: int
    due_at: datetime
    marked_at: datetime
    lead: str
    step: int
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A clock was carried up one step; ``to_department`` is absent where nobody is left."""

    clock: ClockKind
    step: int
    to_department: str | None
    reason: str
    escalated_at: datetime
