"""Sessions held where the register supports none, as schedule_monitor tells of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from shared.rules import Article, RuleCard

Reason = Literal["revoked", "no_licence", "licence_expired", "site_unknown", "address_unknown"]
Level = Literal["yellow", "red"]

# The grounds since which an institution needs a licence, and another for each further place.
_LICENSED: Final = Article(
    "民办教育促进法及其实施条例（国务院令741号）",
    "办学须经审批取得许可；增设校区须经审批机关核准（条例第23条）",
    "L",
    date(2021, 9, 1),
)
UNAPPROVED_SITE: Final = RuleCard(
    "registry.unapproved_site", "在未经许可的地点或无有效许可上课", _LICENSED, "线下培训"
)

REASONS: Final[dict[Reason, tuple[str, Level]]] = {
    "revoked": ("机构已被吊销", "red"),
    "no_licence": ("登记中没有办学许可证", "red"),
    "licence_expired": ("办学许可证不在有效期内", "red"),
    "site_unknown": ("教学点不在登记的教学点之内", "red"),
    # Addresses are compared as people write them: that two differ is a reason to look.
    "address_unknown": ("地址与登记的教学点都不相符", "yellow"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place with the sessions of a month that were held there, and why that is doubted."""

    reason: Reason
    site_id: str | None
    address: str | None
    sessions: int
    first_on: date
    last_on: date

    @property
    def level(self) -> Level:
        return REASONS[self.reason][1]

    @property
    def message(self) -> str:
        """What is found, in words."""
        where = self.address or (f"教学点{self.site_id}" if self.site_id else "未报地点")
        days = f"{self.first_on}"
        if self.last_on != self.first_on:
            days += f"至{self.last_on}"
        return f"{REASONS[self.reason][0]}：{days}在{where}实际上课{self.sessions}节"

    @property
    def reference(self) -> str:
        """What makes it the same evidence when it is told again."""
        return f"{self.reason} {self.site_id or self.address or ''}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnapprovedSites:
    """All doubted places of an institution's month, at one version of the sender's counting."""

    institution_id: str
    month: str
    version: int
    places: Sequence[Place]
