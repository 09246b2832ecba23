"""A sighting: an advertisement as somebody saw it, judged once and never changed."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.ads_watch.domain.checking import Advert, Checked, check
from services.ads_watch.domain.content import Advertiser
from shared.city_time import city_date, city_month


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what a sighting is about: the institution, else the advertiser, else the place."""

    kind: str
    id: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen, where and when, as it was reported."""

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

    @property
    def subject(self) -> Subject:
        """Whom or what an alert about this is about."""
        if self.institution_id is not None:
            name = self.advertiser_name or self.institution_id
            return Subject("institution", self.institution_id, name)
        if self.advertiser_name is not None:
            return Subject("advertiser", self.advertiser_name, self.advertiser_name)
        where = self.place or self.medium
        return Subject("place", f"{self.town}/{where}", where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One report of an office; ``digest`` tells the same report of the same office."""

    sighting_id: str
    office: str
    seen: Seen
    reported_at: datetime

    @property
    def digest(self) -> str:
        return digest_of(self.office, self.seen)

    @property
    def month(self) -> str:
        """The window of its alerts."""
        return city_month(self.seen.seen_at)

    @property
    def checked(self) -> Checked:
        """What the rules say of it, as of the city day on which it was seen."""
        advert = Advert(self.seen.text or "", self.seen.medium, self.seen.advertiser)
        return check(advert, on=city_date(self.seen.seen_at))


def digest_of(office: str, seen: Seen) -> str:
    """Return the natural key of a report: all that it says, and who says it."""
    told: dict[str, Any] = {name: getattr(seen, name) for name in Seen.__dataclass_fields__}
    told["seen_at"] = seen.seen_at.timestamp()
    text = json.dumps({"office": office, **told}, sort_keys=True, ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
