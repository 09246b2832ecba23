"""What a document is made of, before it is Markdown or a document for Word."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; the document's own title is of level 1."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph in Chinese, with English beside it."""

    chinese: str
    english: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its first row is repeated on every page of paper."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be copied as they stand."""

    language: str
    text: str


Block: TypeAlias = Heading | Said | Table | Code
