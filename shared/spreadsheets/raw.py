"""What stands in a file before anybody asks what it means: numbered rows of raw cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

MOST_COLUMNS: Final = 64
LONGEST_CELL: Final = 32_767
"""Characters in a cell, as office programs bound it."""
_SHOWN: Final = 64
# A program that meets one of these at the start of a text may run it as a formula.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that holds no value: a formula, or the error that one gave."""

    text: str
    reason: str


Value = str | int | float | bool | datetime | date | time | timedelta
Raw = Value | Fault | None
"""One cell; ``None`` is an empty one."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row by the number an office program shows beside it."""

    number: int
    cells: Sequence[Raw]

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return all(cell is None for cell in self.cells)


@dataclass(frozen=True, slots=True)
class CellError:
    """One cell that breaks one rule, in words for who filled it; row 0 is the file as a whole."""

    row: int
    letter: str
    header: str
    shown: str
    reason: str

    @property
    def at(self) -> str:
        """The cell as an office program names it; nothing where a whole row is meant."""
        return f"{self.letter}{self.row}" if self.letter else ""

    @property
    def pointer(self) -> str:
        """Where in the file it is, as problem documents point."""
        return f"/rows/{self.row}/{self.letter}".rstrip("/") if self.row else "/file"

    def __str__(self) -> str:
        place = self.at or (f"第 {self.row} 行" if self.row else "")
        where = " ".join(part for part in (place, self.header) if part)
        value = f"“{self.shown}”" if self.shown else ""
        return f"{where}{value}：{self.reason}" if where else self.reason


class FileUnreadable(ValueError):
    """The file as a whole cannot be read as what it should be; the message is told to its owner."""

    def __init__(self, reason: str, *, errors: Sequence[CellError] = ()) -> None:
        super().__init__(reason)
        self.errors = tuple(errors) or (CellError(0, "", "", "", reason),)


class CellUnreadable(ValueError):
    """What stands in a cell breaks the rule of its column; the message is the reason."""


def inert(text: str) -> str:
    """Return a text that no program takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def live(text: str) -> str:
    """Return a text as it was before it was made inert."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA_STARTS) else text


def shown(cell: Raw) -> str:
    """Return a cell as a person is told of it: short, in one line, and inert."""
    if cell is None:
        return ""
    text = " ".join(as_text(cell).split())
    return inert(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def as_text(cell: Value | Fault) -> str:
    """Return a cell as one would type it."""
    if isinstance(cell, Fault):
        return cell.text
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(int(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(cell, float):
        # As many digits as office programs keep; the rest is how binary writes it.
        return f"{cell:.15g}"
    return str(cell)


def letter_of(column: int) -> str:
    """Return the letters of a column; the first one is 0."""
    letters = ""
    left = column + 1
    while left:
        left, at = divmod(left - 1, 26)
        letters = chr(ord("A") + at) + letters
    return letters


def column_of(letters: str) -> int:
    """Return the column of some letters; the first one is 0."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
