"""Closing a day: one hash over what was recorded since the closing before, and over that closing.

A closing is about the journal as it was written, not about the day on which things happened: a late
event is in the closing after its arrival, and is counted there as late.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

ALGORITHM: Final = "sha-256"
FIRST_HASH: Final = f"{ALGORITHM}:{'0' * 64}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry as it stands in the journal."""

    id: str
    account: str
    type: str
    occurred_at: datetime
    day: date
    posting: str
    lines: tuple[tuple[str, int], ...]
    """Books with fen, in the order of the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One closing; ``until`` is the posting id below which everything was recorded."""

    day: date
    sequence: int
    closed_at: datetime
    until: str
    entries: int
    late: int
    books: tuple[tuple[str, int], ...]
    """What every book comes to, over all accounts and since the beginning, in fen."""
    digest: str
    previous: str

    @property
    def hash(self) -> str:
        """The closing's own hash, over everything in it."""
        told = [
            self.day.isoformat(),
            self.sequence,
            self.until,
            self.entries,
            self.late,
            [list(book) for book in self.books],
            self.digest,
            self.previous,
        ]
        return _sha256(json.dumps(told, separators=(",", ":")).encode())

    @property
    def balance_fen(self) -> int:
        return dict(self.books).get("bank", 0)


BEFORE_ALL: Final = ""


@dataclass(slots=True)
class Summing:
    """Takes entries in, in the order of the journal, and gives the closing over them."""

    day: date
    previous: Closing | None = None
    entries: int = 0
    late: int = 0
    unbalanced: list[str] = field(default_factory=list)
    _books: dict[str, int] = field(default_factory=dict)
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        if self.previous is not None:
            self._books.update(self.previous.books)

    def add(self, entry: Recorded) -> None:
        """Take one entry in."""
        self.entries += 1
        self.late += self.previous is not None and entry.day <= self.previous.day
        if sum(fen for _, fen in entry.lines):
            self.unbalanced.append(entry.id)
        for book, fen in entry.lines:
            self._books[book] = self._books.get(book, 0) + fen
        self._digest.update(_line(entry))

    def closing(self, *, until: str, at: datetime) -> Closing:
        """Return the closing over what was taken in."""
        before = self.previous
        return Closing(
            day=self.day,
            sequence=1 if before is None else before.sequence + 1,
            closed_at=at,
            until=until,
            entries=self.entries,
            late=self.late,
            books=tuple(sorted(self._books.items())),
            digest=f"{ALGORITHM}:{self._digest.hexdigest()}",
            previous=FIRST_HASH if before is None else before.hash,
        )


def differences(kept: Closing, counted: Closing) -> list[str]:
    """Say in which points a closing does not agree with the journal as it is now."""
    points: Mapping[str, tuple[object, object]] = {
        "分录数": (kept.entries, counted.entries),
        "各科目余额": (kept.books, counted.books),
        "分录摘要": (kept.digest, counted.digest),
        "前一日日结的哈希": (kept.previous, counted.previous),
    }
    return [name for name, (one, other) in points.items() if one != other]


def _line(entry: Recorded) -> bytes:
    told = [
        entry.id,
        entry.account,
        entry.type,
        entry.occurred_at.isoformat(),
        entry.posting,
        [list(line) for line in entry.lines],
    ]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _sha256(content: bytes) -> str:
    return f"{ALGORITHM}:{hashlib.sha256(content).hexdigest()}"
