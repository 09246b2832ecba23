"""A sheet that people fill in, declared as data: its columns, and what its rows become."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from shared.spreadsheets.raw import Value

MOST_ROWS: Final = 100_000
ERROR_COLUMNS: Final = ("行号", "错误单元格", "原因")
"""What an error sheet has behind the columns; a corrected one may be uploaded with them."""

T = TypeVar("T")
Values = Mapping[str, Any]
"""The values of a row by the keys of its columns; a cell left empty is ``None``."""


class RowWrong(ValueError):
    """Cells of a row that are each right and together are not: keys of columns with reasons."""

    def __init__(self, wrong: Iterable[tuple[str, str]]) -> None:
        self.wrong = tuple(wrong)
        super().__init__("；".join(reason for _, reason in self.wrong))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a column holds.

    ``parse`` gives the value of a cell or raises ``CellUnreadable`` with the reason; ``form`` tells
    people how it is written; ``choices`` are offered by the office program.
    """

    parse: Callable[[Value], object]
    form: str
    number_format: str = "@"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: ``header`` is its name in the template, ``aliases`` are read as well.

    What stands in a ``personal`` one is said in no answer; it is in the error sheet alone, which
    goes back to who filled it in.
    """

    key: str
    header: str
    kind: Kind
    example: str
    required: bool = True
    aliases: tuple[str, ...] = ()
    help: str = ""
    personal: bool = False


@dataclass(frozen=True, kw_only=True)
class Sheet(Generic[T]):
    """A form of rows; ``make`` gives what a row becomes, or raises ``RowWrong``.

    Rows that are the same in all ``unique`` columns may stand in a file once.
    """

    name: str
    columns: Sequence[Column]
    make: Callable[[Values], T]
    notes: Sequence[str] = ()
    unique: tuple[str, ...] = ()
    most_rows: int = MOST_ROWS
    by_key: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {one.key: at for at, one in enumerate(self.columns)})
