"""What registry tells of visits to institutions. Owner: 市教育局; the towns carry them out."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from shared.contracts.bank import Number
from shared.contracts.base import Channel, Contract
from shared.contracts.patrol import RuleCode
from shared.contracts.registry import Code, InstitutionId, Stage, TeachingMode, Version
from shared.contracts.schedule import Address, HeadCount

MOST_SEEN = 50
MOST_FOUND = 30
VisitOutcome = Literal["open", "closed", "refused_entry"]


class SeenSession(Contract):
    """One class that was seen on the spot: heads are counted, and nobody is named.

    Start and end lie on one city day; ``reference`` stays the same through all versions.
    """

    reference: Number
    started_at: AwareDatetime
    ended_at: AwareDatetime
    class_group: Code
    stage: Stage
    head_count: HeadCount
    course: Code | None = None
    room: Code | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ended_at <= self.started_at:
            raise ValueError("结束时间须晚于开始时间")
        return self


class SeenFinding(Contract):
    """Whether a rule was found broken on the spot; ``unfounded``: looked at, and it was not."""

    rule: RuleCode
    outcome: Literal["confirmed", "unfounded"]


class VisitedUpon(Contract):
    """The proposal that led to a visit."""

    day: date
    version: Version


class VisitResult(Contract):
    """What a visit to a place of an institution came to. It carries no names and no free text.

    A higher version of the same visit replaces a lower one whole; ``withdrawn`` takes it back. The
    place is a registered site, an address, neither where the institution has but one site, or
    online. Nobody was met where the outcome is ``closed``; ``refused_entry`` was not let in.
    """

    visit_id: InstitutionId
    version: Version
    institution_id: InstitutionId
    visited_by: Annotated[Code, Field(description="The town or department that went there.")]
    visited_at: AwareDatetime
    outcome: VisitOutcome
    mode: TeachingMode = "offline"
    site_id: InstitutionId | None = None
    address: Address | None = None
    seen: list[SeenSession] = Field(default_factory=list, max_length=MOST_SEEN)
    findings: list[SeenFinding] = Field(default_factory=list, max_length=MOST_FOUND)
    proposal: VisitedUpon | None = None
    withdrawn: bool = False

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.site_id is not None and self.address is not None:
            raise ValueError("site_id与address只填一项")
        if self.outcome != "open" and self.seen:
            raise ValueError("没有进入的地点看不到上课")
        if len({one.reference for one in self.seen}) != len(self.seen):
            raise ValueError("同一课次编号只能出现一次")
        if len({one.rule for one in self.findings}) != len(self.findings):
            raise ValueError("同一规则只能有一个结论")
        return self


VISIT_RESULT = Channel(
    "registry.visit-result.v1.{institution}", "REGISTRY", VisitResult, service="registry"
)
