"""Every rule of this service by its code: of planned and of held classes, and of practices."""

from typing import Final

from services.schedule_monitor.domain.evaluation import RULES
from services.schedule_monitor.domain.rules.held import HELD_RULES
from services.schedule_monitor.domain.rules.practices import PRACTICE_RULES
from shared.rules import Level, RuleCard

CARDS_OF_CLASSES: Final[dict[str, RuleCard]] = {
    card.code: card
    for card in (*(rule.card for rule in RULES), *(rule.card for rule in HELD_RULES))
}
CARDS: Final[dict[str, RuleCard]] = {
    **CARDS_OF_CLASSES,
    **{rule.card.code: rule.card for rule in PRACTICE_RULES},
}
LEVELS: Final[dict[str, Level]] = {
    **{rule.card.code: rule.level for rule in RULES},
    **{rule.card.code: rule.level for rule in HELD_RULES},
}

# What this service finds for another to judge: people read it here all the same.
_TITLES_OF_OTHERS: Final = {"registry.unapproved_site": "在未经许可的地点或无有效许可上课"}


def title_of(code: str) -> str:
    """Return the title of a rule; of one that is nobody's here, its code."""
    card = CARDS.get(code)
    return _TITLES_OF_OTHERS.get(code, code) if card is None else card.title
