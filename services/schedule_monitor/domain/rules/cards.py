"""Every rule of this service by its code, of planned and of held classes."""

from typing import Final

from services.schedule_monitor.domain.evaluation import RULES
from services.schedule_monitor.domain.rules.held import HELD_RULES
from shared.rules import Level, RuleCard

CARDS: Final[dict[str, RuleCard]] = {
    card.code: card
    for card in (*(rule.card for rule in RULES), *(rule.card for rule in HELD_RULES))
}

LEVELS: Final[dict[str, Level]] = {
    **{rule.card.code: rule.level for rule in RULES},
    **{rule.card.code: rule.level for rule in HELD_RULES},
}


def title_of(code: str) -> str:
    """Return the title of a rule; of one that another service keeps, its code."""
    card = CARDS.get(code)
    return code if card is None else card.title
