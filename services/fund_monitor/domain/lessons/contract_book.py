"""One contract as the match sees it: what was filed, what was taught, what the bank released."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.fund_monitor.domain.lessons.lessons import value_fen

ROUNDING_FEN: Final = 1
"""A bank may round each lesson's fee for itself: by so much may it be off a lesson."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a filed contract says: its price, and its lessons in hundredths.

    One that is charged by period alone has none: no lesson of it has a price to hold money against.
    """

    price_fen: int
    lessons: int


@dataclass(frozen=True, slots=True)
class Taught:
    """One lesson that counts from ``consumed_at`` on, in hundredths of lessons.

    ``held_at`` is when it ended; of a lesson that only a confirmation tells it lies before.
    """

    lesson: str
    consumed_at: datetime
    lessons: int
    held_at: datetime | None = None
    twice: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()

    @property
    def ended_at(self) -> datetime:
        return self.held_at or self.consumed_at


@dataclass(frozen=True, slots=True)
class Released:
    """One posted release that stands."""

    event: str
    occurred_at: datetime
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Approved:
    """One release by hand that a second person has approved."""

    id: str
    approved_at: datetime
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Objection:
    """One confirmation to which the student's side has objected, and that nobody has decided."""

    lesson: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StatedConsumption:
    """What an institution says is consumed, in answer to a refund asked for at a moment."""

    refund: str
    asked_at: datetime
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractBook:
    """All that is known of one contract since its institution's lessons are known."""

    contract_no: str | None
    terms: Terms | None
    taught: Sequence[Taught] = ()
    released: Sequence[Released] = ()
    approved: Sequence[Approved] = ()
    refunded_fen: int = 0
    early_fen: int = 0
    """What was released before any lesson of the institution is known."""
    objections: Sequence[Objection] = ()
    stated: Sequence[StatedConsumption] = ()

    @property
    def by_lessons(self) -> Terms | None:
        """The terms of a contract whose lessons have a price."""
        return self.terms if self.terms is not None and self.terms.lessons > 0 else None

    @property
    def consumed(self) -> int:
        return sum(one.lessons for one in self.taught)

    @property
    def released_fen(self) -> int:
        return sum(one.amount_fen for one in self.released)

    @property
    def consumed_fen(self) -> int:
        return self.value_fen(self.consumed)

    def consumed_until(self, moment: datetime) -> int:
        """Return what was consumed of what a moment finds: lessons held by it count, late or not.

        What was released before lessons were known stands for those that nobody told of.
        """
        held = sum(one.lessons for one in self.taught if one.ended_at <= moment)
        return self.early_fen + self.value_fen(held)

    def value_fen(self, lessons: int) -> int:
        """Return what so many hundredths of lessons are worth; nothing without a filed contract."""
        if self.terms is None:
            return 0
        return value_fen(lessons, price_fen=self.terms.price_fen, lessons=self.terms.lessons)
