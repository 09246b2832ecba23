"""The second verdict: whether an advertisement may be where it is, whatever it says."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from services.ads_watch.domain.content import Advertiser, Content
from services.ads_watch.domain.rules.cards import (
    PLACEMENT_MEDIA,
    PLACEMENT_OUTDOOR,
    PLACEMENT_SCHOOL,
)
from shared.rules import RuleCard

Verdict = Literal["lawful", "banned", "unknown"]

MEDIA: Final[dict[str, RuleCard]] = {
    **dict.fromkeys(("mainstream_media", "new_media", "online_platform"), PLACEMENT_MEDIA),
    **dict.fromkeys(
        ("public_place", "residential_area", "outdoor_billboard", "elevator", "transport"),
        PLACEMENT_OUTDOOR,
    ),
    **dict.fromkeys(
        (
            *("school", "kindergarten", "school_bus", "textbook"),
            *("exercise_book", "stationery", "uniform"),
        ),
        PLACEMENT_SCHOOL,
    ),
}
"""Where training must not be advertised, and the rule that says so."""
OWN_PREMISES: Final = "own_premises"


@dataclass(frozen=True, slots=True)
class Placement:
    """What is said of the place, why, and by which rule where it is banned."""

    verdict: Verdict
    why: str
    rule: RuleCard | None = None


def placement_of(medium: str, *, advertiser: Advertiser, content: Content, on: date) -> Placement:
    """Judge the place of an advertisement on a day; an uncoded medium is not judged."""
    if medium == OWN_PREMISES:
        return Placement("lawful", "在机构自己的场所内，方案任务25和广告法第三十九条未禁止")
    rule = MEDIA.get(medium)
    if rule is None:
        return Placement("unknown", "没有关于这类媒介的规则，须人工判断")
    if not rule.article.applies_on(on):
        return Placement("lawful", "发现之日该规定尚未施行")
    if content.no_advertisement is not None:
        return Placement("lawful", content.no_advertisement)
    return _placement_under(rule, advertiser=advertiser, content=content)


def _placement_under(rule: RuleCard, *, advertiser: Advertiser, content: Content) -> Placement:
    # In schools any advertisement is banned, elsewhere only one for training.
    sells = {"training_institution"} | ({"other"} if rule is PLACEMENT_SCHOOL else set())
    if advertiser in sells or content.phrases:
        return Placement("banned", f"{rule.title}：{rule.article.reference}", rule)
    if advertiser == "other":
        return Placement("lawful", "发布者不是培训机构，内容也未见学科类培训，该规定不适用")
    return Placement("unknown", "发布者不明，尚不能确定这是培训广告")
