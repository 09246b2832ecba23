"""What schedule_monitor tells the others about lessons. Owner: 市教育局 with 市经信局."""

from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from shared.contracts.bank import Number
from shared.contracts.base import Channel, Contract
from shared.contracts.registry import Code, InstitutionId, Version

MOST_PRESENT = 500
HeadCount = Annotated[int, Field(ge=0, le=MOST_PRESENT)]


class SessionHeld(Contract):
    """A session was held: when, and under which contracts pupils were there.

    It names no pupil. A higher version of the same session corrects a lower one and tells all of
    it anew; one at which nobody was there takes the session back.
    """

    session_id: InstitutionId
    version: Version
    institution_id: InstitutionId
    group: Code
    started_at: AwareDatetime
    ended_at: AwareDatetime
    head_count: Annotated[HeadCount, Field(description="How many pupils were counted there.")]
    attended: Annotated[
        list[Number],
        Field(max_length=MOST_PRESENT, description="The contract of each pupil who was there."),
    ]

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ended_at <= self.started_at:
            raise ValueError("结束时间须晚于开始时间")
        return self


SESSION_HELD = Channel(
    "schedule.session-held.v1.{session}", "SCHEDULE", SessionHeld, service="schedule_monitor"
)
