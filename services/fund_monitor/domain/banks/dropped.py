"""Files that banks drop into a folder: what their names say, and which running numbers are missing.

A name is kind, business day and running number: ``events-20260901-000001.jsonl``. Numbers count on
from 1 for each bank and kind, over all days, so that also the last file of a day is missed.
"""

import re
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, Literal

DroppedKind = Literal["events", "statement"]

_NAME: Final = re.compile(
    r"(?:(events)-(\d{8})-(\d{6})\.jsonl|(statement)-(\d{8})-(\d{6})\.(?:csv|xlsx))",
    re.ASCII,
)
# What may be answered by a file that carries the name: short, and nothing a path could mean.
_ANSWERABLE: Final = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}", re.ASCII)
SIGNATURE: Final = ".sig"
RESULT: Final = ".result.jsonl"

NUMBERS: Final = {
    "invalid-request": "E1001",
    "unauthenticated": "E1002",
    "too-large": "E1004",
    "bank-suspended": "E1008",
    "bank-not-live": "E1009",
    "identity-conflict": "E1010",
    "no-statement-mapping": "E1201",
    "statement-refused": "E1202",
    "file-name-refused": "E1301",
    "file-number-taken": "E1302",
}
"""The numbers of what a result file may say, by the code of the problem."""

MOST_MISSING_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class DroppedName:
    """What a file's name says of it."""

    name: str
    kind: DroppedKind
    day: date
    number: int


def dropped_name(name: str) -> DroppedName | None:
    """Read a file's name; nothing where it is not one of ours."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    kind: DroppedKind = "events" if found[1] else "statement"
    written, number = (found[2], found[3]) if found[1] else (found[5], found[6])
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return DroppedName(name, kind, day, int(number)) if int(number) else None


def answerable(name: str) -> bool:
    """Tell whether a file of this name can be answered by one that carries it."""
    return _ANSWERABLE.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Numbering:
    """The running numbers that a bank has used for one kind: the highest, and the spans missing."""

    highest: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    """Each from its first to its last missing number, in order."""

    def taking(self, number: int) -> "Numbering":
        """Return the numbering with one number more."""
        if number > self.highest:
            skipped = (self.highest + 1, number - 1)
            more = (skipped,) if skipped[0] <= skipped[1] else ()
            return Numbering(number, (*self.gaps, *more))
        left: list[tuple[int, int]] = []
        for first, last in self.gaps:
            if first <= number <= last:
                parts = ((first, number - 1), (number + 1, last))
                left += [part for part in parts if part[0] <= part[1]]
            else:
                left.append((first, last))
        return Numbering(self.highest, tuple(left))

    @property
    def missing(self) -> int:
        """How many numbers below the highest have not come."""
        return sum(last - first + 1 for first, last in self.gaps)

    def first_missing(self) -> list[int]:
        """Return the first of the numbers that are missing."""
        every = (n for first, last in self.gaps for n in range(first, last + 1))
        return list(islice(every, MOST_MISSING_TOLD))


def number_of(problem_type: str) -> str:
    """Return the number of a problem by its type."""
    return NUMBERS[problem_type.rpartition(":")[2]]
