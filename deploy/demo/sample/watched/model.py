"""What is watched in the sample city beside money: timetables, held sessions, advertisements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from deploy.demo.sample.model import Institution

Lesson: TypeAlias = Mapping[str, str]
"""One planned class as it is filed."""
HeldBody: TypeAlias = Mapping[str, str | int | bool | tuple[str, ...]]
"""One held session as it is told, but for the institution's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One version of an institution's timetable, filed by itself or by the department in charge."""

    institution: Institution
    label: str
    version: int
    lessons: tuple[Lesson, ...]
    by_itself: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a department says of a lead: ``accepted``, ``returned`` or ``feedback``."""

    kind: str
    reason: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the leads of one sighting are answered, department by department.

    Where they are returned, the desk to which they then go gives the rest of the answers; it keeps
    what it was sent in the first place.
    """

    returned: Answer | None = None
    answers: tuple[Answer, ...] = ()

    def by(self, department: str, *, desk: str) -> tuple[tuple[str, Answer], ...]:
        """Return who answers what, in order, when a lead is sent to a department."""
        if self.returned is None:
            return tuple((department, answer) for answer in self.answers)
        back = () if department == desk else ((department, self.returned),)
        return (*back, *((desk, answer) for answer in self.answers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Who reports: a department, or a town or street."""

    code: str
    town: bool

    @property
    def claims(self) -> dict[str, str]:
        return {"town" if self.town else "department": self.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One report of an advertisement; the institution's id is known only once it is registered."""

    office: Office
    body: Mapping[str, str]
    institution: Institution | None = None
    plan: Plan = Plan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who tells of held sessions: a platform, a town on the spot, or an institution of itself.

    ``code`` is the platform's or the town's, of an institution its 统一社会信用代码.
    """

    kind: Literal["platform", "town", "institution"]
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One session as somebody tells of it; the institution's id is known once it is registered."""

    teller: Teller
    institution: Institution
    body: HeldBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Everything of the sample that is not money."""

    filings: tuple[Filing, ...]
    tellings: tuple[Telling, ...]
    sightings: tuple[Sighting, ...]
