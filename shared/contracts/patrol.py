"""Which sites schedule_monitor proposes to visit. Owner: 市教育局 with 市经信局."""

from datetime import date, time
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter, WithJsonSchema

from shared.contracts.base import Channel, Contract
from shared.contracts.calendar import WallTime
from shared.contracts.registry import Code, InstitutionId, InstitutionName, Version
from shared.contracts.schedule import Address

MOST_SITES: Final = 60
MOST_REASONS: Final = 10
LONGEST_TEXT: Final = 200
PlaceKind = Literal["site", "unregistered", "unplaced", "online"]
RuleCode = Annotated[
    str, Field(pattern=r"^[a-z_]{1,32}\.[a-z0-9_]{1,64}$", examples=["schedule.offline_end"])
]
Clock = Annotated[time, WithJsonSchema(TypeAdapter(WallTime).json_schema())]
"""A clock on the wall in the city: the schema's own format "time" would ask for a zone."""


class PatrolReason(Contract):
    """One reason for a visit, what it counts, and where it is written.

    ``rule`` is the rule that it is about, where it is about one. ``origin`` G and P are no law.
    """

    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$", examples=["filed_unlawful"])]
    rule: RuleCode | None = None
    points: Annotated[int, Field(ge=-1_000, le=1_000)]
    message: Annotated[str, Field(max_length=LONGEST_TEXT)]
    article: Annotated[str, Field(max_length=LONGEST_TEXT)]
    origin: Annotated[str, Field(max_length=4)]
    opens: Annotated[Clock | None, Field(description="From when there is something to see.")] = None
    closes: Clock | None = None


class ProposedVisit(Contract):
    """One place worth a visit on the day; ``score`` is the sum of its reasons' points.

    ``site`` has a registered site's id; ``unregistered`` a place that the register does not know,
    by the id or address that was told; ``unplaced`` classes of which no site was told; ``online``
    classes to be looked into where they are broadcast.
    """

    institution_id: InstitutionId
    institution: InstitutionName
    place: PlaceKind
    site_id: Code | None = None
    address: Address | None = None
    score: Annotated[int, Field(ge=1, le=100_000)]
    opens: Annotated[Clock | None, Field(description="When a visit is worth it, city time.")] = None
    closes: Clock | None = None
    last_visited_on: date | None = None
    reasons: Annotated[list[PatrolReason], Field(min_length=1, max_length=MOST_REASONS)]


class PatrolProposed(Contract):
    """Which sites of a town are worth a visit on a day, the most worthwhile first.

    A higher version of a day and town replaces a lower one; one without visits proposes none.
    """

    day: date
    town: Code
    version: Version
    weights: Annotated[int, Field(ge=1, le=10_000, description="Version of the weights.")]
    visits: Annotated[list[ProposedVisit], Field(max_length=MOST_SITES)]
    left_out: Annotated[
        int, Field(ge=0, lt=2**31, description="Sites of lower scores that are not listed.")
    ] = 0


PATROL_PROPOSED = Channel(
    "schedule.patrol-proposed.v1.{town}", "SCHEDULE", PatrolProposed, service="schedule_monitor"
)
