"""What an office sends of an advertisement it saw, and what it is answered."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from services.ads_watch.api.checks import AdText, CheckView, view_of
from services.ads_watch.domain.content import Advertiser
from services.ads_watch.domain.sighting import Seen, Sighting
from shared.access.scopes import TOWN_CODES
from shared.clock import milliseconds
from shared.contracts.ads import Medium
from shared.contracts.registry import InstitutionId
from shared.plain_text import ONE_LINE

_EARLIEST: Final = datetime(2015, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


def _a_written_moment(value: object) -> object:
    # pydantic alone also takes numbers, as seconds since 1970.
    if not isinstance(value, str | datetime):
        raise ValueError("时间须写作ISO 8601，并带时区")  # noqa: TRY004 - pydantic reads this kind
    return value


def _within_reason(moment: datetime) -> datetime:
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("时间须在2015年至2100年之间")
    return milliseconds(moment.astimezone(UTC))


def _a_town(code: str) -> str:
    if code not in TOWN_CODES:
        raise ValueError("不是本市镇（街道）的代码")
    return code


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_a_written_moment, json_schema_input_type=datetime),
    AfterValidator(_within_reason),
]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=ONE_LINE),
]
Url = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\s\x00]+$")]
ImageDigest = Annotated[
    str, Field(pattern=r"^sha256:[0-9a-f]{64}$", description="SHA-256 of the photograph's bytes.")
]
Town = Annotated[str, Field(max_length=64, examples=["xiashi"]), AfterValidator(_a_town)]


class SightingReport(BaseModel):
    """An advertisement as an office saw it: its words, or what it showed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: AdText | None = None
    description: AdText | None = None
    medium: Medium
    advertiser: Advertiser = "unknown"
    town: Town
    place: Line | None = None
    url: Url | None = None
    seen_at: Moment
    advertiser_name: Line | None = None
    institution_id: InstitutionId | None = None
    image_digest: ImageDigest | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "SightingReport":
        if self.text is None and self.description is None:
            raise ValueError("text 与 description 至少填一项")
        return self

    def seen(self) -> Seen:
        """Return what was seen; an institution of the register is a training institution."""
        told = self.model_dump()
        if self.institution_id is not None:
            told["advertiser"] = "training_institution"
        return Seen(**told)


class SightingView(BaseModel):
    """A sighting with what the rules say of it; its leads are under ``/v1/leads``."""

    sighting_id: str
    office: str
    reported_at: datetime
    text: str | None
    description: str | None
    medium: str
    advertiser: Advertiser
    town: str
    place: str | None
    url: str | None
    seen_at: datetime
    advertiser_name: str | None
    institution_id: str | None
    image_digest: str | None
    unlawful: bool
    checked: CheckView


class SightingPage(BaseModel):
    """One page of sightings, newest first."""

    sightings: list[SightingView]
    next_cursor: str | None


def sighting_view(sighting: Sighting) -> SightingView:
    """Show a sighting with what the rules say of it."""
    seen, checked = sighting.seen, sighting.checked
    return SightingView(
        sighting_id=sighting.sighting_id,
        office=sighting.office,
        reported_at=sighting.reported_at,
        **{name: getattr(seen, name) for name in Seen.__dataclass_fields__},
        unlawful=bool(checked.matters),
        checked=view_of(checked),
    )
