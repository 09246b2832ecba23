"""Reads a filled-in sheet row by row: what is right becomes things, what is wrong is told."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Generic

from shared.spreadsheets.csv_rows import guessed_rows
from shared.spreadsheets.headers import Layout, layout_of
from shared.spreadsheets.raw import (
    MOST_COLUMNS,
    CellError,
    CellUnreadable,
    Fault,
    FileUnreadable,
    Raw,
    RawRow,
)
from shared.spreadsheets.sheet import Column, RowWrong, Sheet, T
from shared.spreadsheets.workbook_rows import (
    OLD,
    OLD_WORKBOOK,
    ZIP,
    Merged,
    merged_in,
    workbook_rows,
)


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that is not taken: its cells in the order of the columns, and what is wrong."""

    number: int
    cells: tuple[Raw, ...]
    errors: tuple[CellError, ...]


@dataclass(frozen=True, slots=True)
class Good(Generic[T]):
    """A row that is right by itself, and what it became."""

    number: int
    cells: tuple[Raw, ...]
    item: T
    layout: Layout[T]

    def refused(self, wrong: Sequence[tuple[str, str]]) -> Bad:
        """Return the row as one that is not taken, for reasons that the row itself cannot tell.

        ``wrong`` are keys of columns with reasons; an unknown key is the row as a whole.
        """
        return _bad(self.number, self.cells, self.layout, wrong)


Read = Good[T] | Bad


def read_sheet(file: IO[bytes], sheet: Sheet[T]) -> Iterator[Read[T]]:
    """Give the rows of a filled-in sheet, XLSX or CSV; blank rows are passed over.

    Raises ``FileUnreadable`` where it cannot be read any further, with what is wrong there.
    """
    every, merged = _opened(file, sheet.name)
    rows = (row for row in every if not row.blank)
    header = next(rows, None)
    if header is None:
        raise FileUnreadable("文件中没有表头")
    checker = _Checker(layout_of(sheet, header, merged), merged)
    for count, row in enumerate(rows, start=1):
        if count > sheet.most_rows:
            raise FileUnreadable(f"一份表格最多 {sheet.most_rows} 行，请分成几份上传")
        yield checker.row(row)


def _opened(file: IO[bytes], name: str) -> tuple[Iterator[RawRow], list[Merged]]:
    """What the file is, its first bytes say: a workbook is a zip archive, anything else is text."""
    file.seek(0)
    start = file.read(len(ZIP))
    file.seek(0)
    if start == OLD:
        raise FileUnreadable(OLD_WORKBOOK)
    if start == ZIP:
        merged = merged_in(file, sheet=name)
        return workbook_rows(file, sheet=name), merged
    return guessed_rows(file), []


class _Checker(Generic[T]):
    """Checks one row after the other; of each it keeps a short digest of its unique columns."""

    def __init__(self, layout: Layout[T], merged: Sequence[Merged]) -> None:
        self._layout = layout
        self._to_come = sorted(merged, key=lambda one: one.first_row, reverse=True)
        self._here: list[Merged] = []
        self._seen: dict[bytes, int] = {}

    def row(self, row: RawRow) -> Read[T]:
        layout = self._layout
        cells = layout.cells(row)
        errors = [*self._merges(row), *layout.strays(row)]
        values: dict[str, object] = {}
        for column, cell in zip(layout.sheet.columns, cells, strict=True):
            try:
                values[column.key] = _value(column, cell)
            except CellUnreadable as error:
                errors.append(layout.error(row.number, column.key, cells, str(error)))
        if errors:
            return Bad(row.number, cells, tuple(errors))
        return self._whole(row.number, cells, values)

    def _whole(self, number: int, cells: tuple[Raw, ...], values: dict[str, object]) -> Read[T]:
        sheet = self._layout.sheet
        try:
            item = sheet.make(values)
        except RowWrong as error:
            return _bad(number, cells, self._layout, error.wrong)
        if sheet.unique and (first := self._first_of(number, values)) != number:
            same = "、".join(sheet.columns[sheet.by_key[key]].header for key in sheet.unique)
            again = [(sheet.unique[0], f"与第 {first} 行的{same}相同")]
            return _bad(number, cells, self._layout, again)
        return Good(number, cells, item, self._layout)

    def _first_of(self, number: int, values: dict[str, object]) -> int:
        named = "\0".join(str(values[key]) for key in self._layout.sheet.unique)
        mark = hashlib.blake2b(named.encode(), digest_size=12).digest()
        return self._seen.setdefault(mark, number)

    def _merges(self, row: RawRow) -> list[CellError]:
        while self._to_come and self._to_come[-1].first_row <= row.number:
            self._here.append(self._to_come.pop())
        self._here = [one for one in self._here if one.last_row >= row.number]
        return [
            one.error(row.number, self._layout.header(one.first_column))
            for one in self._here[:MOST_COLUMNS]
        ]


def _value(column: Column, cell: Raw) -> object:
    if isinstance(cell, Fault):
        raise CellUnreadable(cell.reason)
    if cell is None:
        if column.required:
            raise CellUnreadable("必填，不得为空")
        return None
    return column.kind.parse(cell)


def _bad(
    number: int, cells: tuple[Raw, ...], layout: Layout[T], wrong: Sequence[tuple[str, str]]
) -> Bad:
    errors = tuple(layout.error(number, key, cells, reason) for key, reason in wrong)
    return Bad(number, cells, errors)
