"""What schedule_monitor tells the others about lessons. Owner: 市教育局 with 市经信局."""

from datetime import date
from typing import Annotated, Literal, Self

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


Address = Annotated[str, Field(min_length=1, max_length=200)]
SiteDoubt = Literal["revoked", "no_licence", "licence_expired", "site_unknown", "address_unknown"]
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-03"])]


class DoubtedSite(Contract):
    """One place at which sessions were held that the register does not support, and why."""

    reason: SiteDoubt
    site_id: InstitutionId | None = None
    address: Address | None = None
    sessions: Annotated[int, Field(ge=1)]
    first_on: date
    last_on: date


class UnapprovedSite(Contract):
    """Where an institution held sessions in a month without a licence for it, as judged now.

    A higher version replaces a lower one of the same institution and month; one without places
    takes all of it back.
    """

    institution_id: InstitutionId
    month: Month
    version: Version
    places: Annotated[list[DoubtedSite], Field(max_length=100)]


UNAPPROVED_SITE = Channel(
    "schedule.unapproved-site.v1.{institution}",
    "SCHEDULE",
    UnapprovedSite,
    service="schedule_monitor",
)
