"""The check of an advertisement, before or after it is published; nothing of it is kept."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.ads_watch.api.deps import DeskDep
from services.ads_watch.domain.checking import (
    CARD_OF,
    FILING_UNKNOWN,
    Advert,
    Checked,
    check,
    explained,
)
from services.ads_watch.domain.content import LONGEST_TEXT, Advertiser, Label, Phrase
from services.ads_watch.domain.placement import Verdict
from shared.city_time import city_date
from shared.contracts.ads import Medium
from shared.errors import Forbidden, Unauthenticated
from shared.problem import responses
from shared.rules import Origin, RuleCard

router = APIRouter(prefix="/v1/ads", tags=["广告检查"])

AdText = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=r"^[^\x00]+$")
]


class AdvertFiling(BaseModel):
    """An advertisement to be checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: AdText
    medium: Medium
    advertiser: Advertiser = "unknown"


class ArticleView(BaseModel):
    """Where a rule is written, and how sure that is."""

    rule: str
    document: str
    clause: str
    origin: Origin = Field(description="Seed 方案；L 法律原文；S 公开网页。")


class LabelView(BaseModel):
    """One finding in the words, with its place in the text as it was sent."""

    label: Label
    phrase: str
    start: int
    end: int
    article: ArticleView
    explanation: str


class ContentView(BaseModel):
    """The verdict on the words; without a label nothing of these two kinds was found."""

    labels: list[LabelView]
    no_advertisement: str | None = Field(description="为何不视为广告；可能是广告时为空。")


class PlacementView(BaseModel):
    """The verdict on the place."""

    verdict: Verdict
    article: ArticleView | None
    explanation: str


class FilingView(BaseModel):
    """The verdict on the filing."""

    state: Literal["unknown"] = "unknown"
    reason: str = FILING_UNKNOWN


class CheckView(BaseModel):
    """Three verdicts that do not depend on each other."""

    content: ContentView
    placement: PlacementView
    filing_state: FilingView


@router.post("/check", responses=responses(Unauthenticated, Forbidden))
async def check_advert(filing: AdvertFiling, desk: DeskDep) -> CheckView:
    """按当日有效的规则检查一则广告的内容与媒介；不保存任何内容，结论是线索而不是处罚。"""
    advert = Advert(filing.text, filing.medium, filing.advertiser)
    return view_of(check(advert, on=city_date(desk.now())))


def view_of(checked: Checked) -> CheckView:
    """Show the verdicts on an advertisement."""
    content, placement = checked.content, checked.placement
    return CheckView(
        content=ContentView(
            labels=[_label(phrase) for phrase in content.phrases],
            no_advertisement=content.no_advertisement,
        ),
        placement=PlacementView(
            verdict=placement.verdict,
            article=None if placement.rule is None else _article(placement.rule),
            explanation=placement.why,
        ),
        filing_state=FilingView(),
    )


def _label(phrase: Phrase) -> LabelView:
    return LabelView(
        label=phrase.label,
        phrase=phrase.phrase,
        start=phrase.start,
        end=phrase.end,
        article=_article(CARD_OF[phrase.label]),
        explanation=explained(phrase),
    )


def _article(rule: RuleCard) -> ArticleView:
    article = rule.article
    return ArticleView(
        rule=rule.code, document=article.document, clause=article.clause, origin=article.origin
    )
