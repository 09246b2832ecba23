"""The numbers of the alert clocks. No text of law names them: they are proposed defaults."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.alerts.model import Level
from shared.rules import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLimits:
    """How long each step may take, in working days unless a name says otherwise."""

    article: Article
    acknowledge_yellow: int
    acknowledge_red: int
    dispose_yellow: int
    dispose_red: int
    recheck: int
    """After the day until which something had to be put right."""
    statement: int
    """For the institution to state its case, from being told."""
    escalate: int
    """From one step of the escalation to the next."""
    snooze: int
    rectify_calendar_days: int

    def acknowledge(self, level: Level) -> int:
        return self.acknowledge_red if level == "red" else self.acknowledge_yellow

    def dispose(self, level: Level) -> int:
        return self.dispose_red if level == "red" else self.dispose_yellow


# In force since the plan's national model, so that a clock of any day finds its numbers.
DEFAULT_LIMITS: Final[tuple[AlertLimits, ...]] = (
    AlertLimits(
        article=Article("预警办理时限", "默认值，可由服务另行给定", "P", date(2021, 7, 24)),
        acknowledge_yellow=3,
        acknowledge_red=1,
        dispose_yellow=20,
        dispose_red=10,
        recheck=3,
        statement=5,
        escalate=3,
        snooze=10,
        rectify_calendar_days=90,
    ),
)


def limits_on(day: date, limits: Sequence[AlertLimits]) -> AlertLimits:
    """Return the numbers in force on the day a clock begins; before any, the first."""
    return next((it for it in limits if it.article.applies_on(day)), limits[0])
