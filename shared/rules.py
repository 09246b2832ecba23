"""What every rule carries, whatever its shape: where it is written and how it is shown."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

# Seed: the city's plan; L: the law's text was read; S: a public page; G: general knowledge,
# unconfirmed; P: a proposed default. G and P are shown as such, never as law.
Origin = Literal["Seed", "L", "S", "G", "P"]
Level = Literal["yellow", "red"]


@dataclass(frozen=True, slots=True)
class Article:
    """Where a rule is written down, how sure that is, and the half-open period it is in force."""

    document: str
    clause: str
    origin: Origin
    in_force_from: date
    in_force_until: date | None = None

    @property
    def reference(self) -> str:
        return f"{self.document} {self.clause}"

    def applies_on(self, day: date) -> bool:
        return self.in_force_from <= day and (
            self.in_force_until is None or day < self.in_force_until
        )


@dataclass(frozen=True, slots=True)
class RuleCard:
    """The metadata of one rule. The function that judges is the service's own, of any shape.

    ``tells_institution`` says whether the institution concerned is told and may state its case.
    """

    code: str
    title: str
    article: Article
    applies_to: str
    version: int = 1
    tells_institution: bool = False
    levels: tuple[Level, ...] = ("yellow", "red")
    """The levels that its findings may have; a service that grades whole rules says it there."""
