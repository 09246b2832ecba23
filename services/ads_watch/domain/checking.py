"""An advertisement checked: three verdicts that do not depend on each other, and never one score.

The content may be spotless and the place banned; a text as it was filed is another matter again.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.ads_watch.domain.content import Advertiser, Content, Label, Phrase, content_of
from services.ads_watch.domain.placement import Placement, placement_of
from services.ads_watch.domain.rules.cards import CONTENT, SUBJECT_TRAINING
from shared.rules import RuleCard

CARD_OF: Final[dict[Label, RuleCard]] = {
    "guarantee": CONTENT,
    "subject_training_ad": SUBJECT_TRAINING,
}
FILING_UNKNOWN: Final = "广告备案尚未纳入本服务，无法核对是否备案、与备案内容是否一致"


@dataclass(frozen=True, slots=True)
class Advert:
    """What is to be judged: the words, where they stand and who says them."""

    text: str
    medium: str
    advertiser: Advertiser


@dataclass(frozen=True, slots=True)
class Matter:
    """One unlawful point of an advertisement: what is a lead, and may be an alert."""

    rule: RuleCard
    explanation: str
    phrase: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdicts on one advertisement."""

    content: Content
    placement: Placement

    @property
    def matters(self) -> tuple[Matter, ...]:
        """Every unlawful point, each under its rule."""
        said = tuple(
            Matter(CARD_OF[phrase.label], explained(phrase), phrase.phrase)
            for phrase in self.content.phrases
        )
        if self.placement.rule is None:
            return said
        return (*said, Matter(self.placement.rule, self.placement.why))


def check(advert: Advert, *, on: date) -> Checked:
    """Judge an advertisement as of a day, by the rules then in force."""
    content = content_of(advert.text, advertiser=advert.advertiser)
    in_force = tuple(
        phrase for phrase in content.phrases if CARD_OF[phrase.label].article.applies_on(on)
    )
    placement = placement_of(advert.medium, advertiser=advert.advertiser, content=content, on=on)
    return Checked(Content(in_force, content.no_advertisement), placement)


def explained(phrase: Phrase) -> str:
    """Say in one sentence what is wrong with a phrase."""
    card = CARD_OF[phrase.label]
    return f"“{phrase.phrase}”：{card.title}，见{card.article.reference}"
