"""What ads_watch and the departments tell each other about leads. Owner: 市市场监管局.

A lead goes to the department whose duty it is on ``EXCHANGE``. That department answers on
``EXCHANGE_IN``, or over HTTP, which is the same; the office that reported the sighting then hears
of the answer on ``EXCHANGE``.
"""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.base import Channel, Contract

LeadOutcome = Literal["penalised", "corrected", "transferred", "unfounded"]
LeadId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]
Office = Annotated[str, Field(min_length=1, max_length=64)]
Medium = Annotated[
    str,
    Field(
        max_length=32,
        pattern=r"^[a-z][a-z_]*$",
        description=(
            "An open list of codes: mainstream_media, new_media, online_platform, public_place, "
            "residential_area, outdoor_billboard, elevator, transport, school, kindergarten, "
            "school_bus, textbook, exercise_book, stationery, uniform, own_premises. Where an "
            "advertisement is on another medium, its place is not judged."
        ),
        examples=["elevator"],
    ),
]
Version = Annotated[int, Field(ge=1, lt=2**53)]
Said = Annotated[str, Field(min_length=1, max_length=500)]
OUTCOMES = "penalised 已处罚；corrected 已改正；transferred 已转交办理；unfounded 不成立。"


class LeadSighting(Contract):
    """The advertisement as it was seen and reported."""

    sighting_id: str
    seen_at: AwareDatetime
    medium: Medium
    town: Office
    place: str | None = None
    url: str | None = None
    text: str | None = None
    description: str | None = None
    advertiser_name: str | None = None
    institution_id: str | None = None
    image_digest: str | None = None


class LeadSent(Contract):
    """A lead for this department; a returned one goes to the department that keeps advertising."""

    lead_id: LeadId
    version: Version
    kind: str = Field(examples=["ads.placement_media"])
    title: str
    article: str
    explanation: str
    phrase: str | None = Field(default=None, description="The words found, as they were written.")
    sender: Office
    department: Office
    reason: str = Field(description="Why this department receives the lead.")
    returned_by: Office | None = None
    sent_at: AwareDatetime
    sighting: LeadSighting


class LeadProgress(Contract):
    """What the department did with a lead, told to the office that reported the sighting."""

    lead_id: LeadId
    version: Version
    sighting_id: str
    kind: str
    department: Office
    at: AwareDatetime
    reason: str | None = None
    outcome: LeadOutcome | None = Field(default=None, description=OUTCOMES)


class LeadAcceptance(Contract):
    """A department takes a lead on."""

    lead_id: LeadId


class LeadReturn(Contract):
    """A department says why a lead is not its own; 市市场监管局 then has it."""

    lead_id: LeadId
    reason: Said


class LeadFeedback(Contract):
    """A department says what came of a lead it has accepted."""

    lead_id: LeadId
    outcome: LeadOutcome = Field(description=OUTCOMES)
    reason: Said


LEAD_SENT = Channel("exchange.v1.{department}.lead-sent", "EXCHANGE", LeadSent, service="ads_watch")


def _told(fact: str) -> Channel[LeadProgress]:
    return Channel(
        f"exchange.v1.{{department}}.{fact}",
        "EXCHANGE",
        LeadProgress,
        service="ads_watch",
        title=f"LeadProgress.{fact}",
    )


LEAD_TOLD = {
    "accepted": _told("lead-accepted"),
    "returned": _told("lead-returned"),
    "feedback": _told("lead-feedback"),
}
LEAD_ACCEPTED_BY = Channel(
    "exchange-in.v1.{from}.lead-accepted", "EXCHANGE_IN", LeadAcceptance, service="ads_watch"
)
LEAD_RETURNED_BY = Channel(
    "exchange-in.v1.{from}.lead-returned", "EXCHANGE_IN", LeadReturn, service="ads_watch"
)
LEAD_FEEDBACK_BY = Channel(
    "exchange-in.v1.{from}.lead-feedback", "EXCHANGE_IN", LeadFeedback, service="ads_watch"
)
ANSWERS: tuple[Channel[Any], ...] = (LEAD_ACCEPTED_BY, LEAD_RETURNED_BY, LEAD_FEEDBACK_BY)
CHANNELS: tuple[Channel[Any], ...] = (LEAD_SENT, *LEAD_TOLD.values())
