"""What of an uploaded sheet is not taken: counted, the first of it told, all of it written down."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from shared.spreadsheets.forms import ErrorSheet
from shared.spreadsheets.raw import CellError, FileUnreadable
from shared.spreadsheets.reading import Bad

MOST_TOLD: Final = 50


@dataclass(slots=True)
class Refusals:
    """The rows of one upload that are not taken; each counts once, however often it is met."""

    sheet: ErrorSheet | None = None
    rows: int = 0
    """Rows that were read."""
    wrong_cells: int = 0
    told: list[CellError] = field(default_factory=list)
    unreadable: bool = False
    _numbers: set[int] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many rows are not taken."""
        return len(self._numbers)

    def __contains__(self, number: int) -> bool:
        return number in self._numbers

    def add(self, some: Iterable[Bad]) -> None:
        """Note rows that are not taken."""
        for bad in some:
            if bad.number not in self._numbers:
                self._numbers.add(bad.number)
                self._note(bad)

    def end(self, error: FileUnreadable) -> None:
        """Note that the file cannot be read any further: nothing of it is taken."""
        self.unreadable = True
        for one in error.errors:
            self._note(Bad(one.row, (), (one,)))

    def _note(self, bad: Bad) -> None:
        self.wrong_cells += len(bad.errors)
        self.told += bad.errors[: MOST_TOLD - len(self.told)]
        if self.sheet is not None:
            self.sheet.add(bad)
