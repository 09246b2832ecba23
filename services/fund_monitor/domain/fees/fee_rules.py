"""The dated data that fee rules are judged by: thresholds of the offices, and guide prices.

Every change is a version of what begins on one day. On a day that several cover, the one that
began last is in force; a version replaces the one before it with the same beginning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, Protocol, TypeVar

from services.fund_monitor.domain.contracts.contract import Mode

LessonCount = Literal["lessons", "standard"]
"""Lessons as they are sold, or their minutes in standard lessons of 30 or 45 minutes."""
Band = Literal["under_10", "from_10_to_35", "over_35"]

_SMALL_BELOW: Final = 10
_MIDDLE_UNTIL: Final = 35


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePolicy:
    """The thresholds that an office may set, from a day on; a ceiling of none does not judge."""

    effective_from: date
    effective_until: date | None = None
    """The first day on which it is no longer in force."""
    window_days: int = 7
    """Payments at most so many days apart are one collection."""
    ceiling_non_subject_fen: int | None = 500_000
    ceiling_subject_fen: int | None = 500_000
    lesson_count: LessonCount = "lessons"
    version: int = 0

    def ceiling_fen(self, kind: str) -> int | None:
        """Return what may be collected at once for a kind of course."""
        return self.ceiling_subject_fen if kind == "subject" else self.ceiling_non_subject_fen


DEFAULT_POLICY: Final = FeePolicy(effective_from=date.min)
"""What is in force on days for which no office has decided anything: proposed values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidePrice:
    """What one standard lesson may cost, in fen, by class size: one notice for one mode."""

    mode: Mode
    effective_from: date
    effective_until: date | None = None
    """The first day on which it is no longer in force."""
    doc_no: str
    under_10_fen: int
    from_10_to_35_fen: int
    over_35_fen: int
    version: int = 0

    def base_fen(self, band: Band) -> int:
        """Return the base price of one standard lesson in a class of this size."""
        prices: dict[Band, int] = {
            "under_10": self.under_10_fen,
            "from_10_to_35": self.from_10_to_35_fen,
            "over_35": self.over_35_fen,
        }
        return prices[band]


class Dated(Protocol):
    """What is in force from a day on, and perhaps until another one."""

    @property
    def effective_from(self) -> date: ...

    @property
    def effective_until(self) -> date | None: ...


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True)
class FeeBook:
    """All dated data in their newest versions; ``edition`` changes with every change."""

    policies: tuple[FeePolicy, ...] = ()
    prices: tuple[GuidePrice, ...] = ()
    edition: str = field(default="0")

    def policy(self, day: date) -> FeePolicy:
        """Return the thresholds in force on a day."""
        return in_force_on(self.policies, day) or DEFAULT_POLICY

    def price(self, mode: Mode, day: date) -> GuidePrice | None:
        """Return the guide price of a mode on a day; nothing where none is loaded."""
        return in_force_on((one for one in self.prices if one.mode == mode), day)


def band_of(class_size: int) -> Band:
    """Return the band of a class: fewer than 10, 10 to 35, more than 35."""
    if class_size < _SMALL_BELOW:
        return "under_10"
    return "from_10_to_35" if class_size <= _MIDDLE_UNTIL else "over_35"


def in_force_on(dated: Iterable[D], day: date) -> D | None:
    """Return what is in force on a day: of those that cover it, the one that began last."""
    covering = [
        one
        for one in dated
        if one.effective_from <= day and (one.effective_until is None or day < one.effective_until)
    ]
    return max(covering, key=lambda one: one.effective_from, default=None)
