"""Journal entries: balanced by construction, and never changed once they are written.

What turns out wrong, or no longer stands, is compensated by another entry that moves the same
amounts back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.fund_monitor.domain.ledger.chart import UNCONSUMED, BookCode

_BANK: frozenset[BookCode] = frozenset({"bank"})


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a journal entry, in fen; a debit is positive."""

    book: BookCode
    fen: int


@dataclass(frozen=True, slots=True)
class Move:
    """An amount that one book is debited and another credited with: it cannot but balance."""

    debit: BookCode
    credit: BookCode
    fen: int

    def __post_init__(self) -> None:
        if self.fen <= 0:
            raise ValueError(f"A move has an amount of at least 1 fen, not {self.fen}.")

    @property
    def back(self) -> "Move":
        return Move(self.credit, self.debit, self.fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One entry of one account's journal.

    ``event`` names what it is the effect of; ``turn`` counts the entries that the same event has
    made: an even one gives the effect, an odd one takes it back.
    """

    event: str
    account: str
    type: str
    occurred_at: datetime
    moves: tuple[Move, ...]
    turn: int = 0
    contract_no: str | None = None
    pupil: str | None = None
    reverses: str | None = None
    reversed_type: str | None = None
    told: Mapping[str, object] = field(default_factory=dict)
    """What the rules ask of the event besides its amount: lessons, and the period paid for."""

    @property
    def id(self) -> str:
        return self.event if self.turn == 0 else f"{self.event}~{self.turn}"

    @property
    def name(self) -> str | None:
        """Under whom it counts: its pupil, else, if it tells lessons or a period, itself alone."""
        if self.pupil is not None:
            return self.pupil
        return (self.reverses or self.event) if self.told else None

    @property
    def position(self) -> str | None:
        """Under which contract it counts, or without one under which name."""
        return self.contract_no or self.name

    @property
    def sign(self) -> int:
        """1 where the entry gives the event's effect, -1 where it takes it back."""
        return -1 if self.turn % 2 else 1

    @property
    def amount_fen(self) -> int:
        return sum([move.fen for move in self.moves])

    @property
    def lines(self) -> tuple[Line, ...]:
        """Both sides of every move, taken back where the entry compensates."""
        moves = self.moves if self.sign > 0 else tuple(move.back for move in self.moves)
        return tuple(
            line
            for move in moves
            for line in (Line(move.debit, move.fen), Line(move.credit, -move.fen))
        )

    @property
    def balance_fen(self) -> int:
        """What the entry adds to the bank balance."""
        return self._added_to(_BANK)

    @property
    def unconsumed_fen(self) -> int:
        """What the entry adds to the unconsumed value."""
        return -self._added_to(UNCONSUMED)

    def _added_to(self, books: frozenset[BookCode]) -> int:
        # Straight from the moves: asked of every entry, where lines would be made for it each time.
        added = 0
        for move in self.moves:
            added += move.fen * ((move.debit in books) - (move.credit in books))
        return added * self.sign
