"""The header of a filled-in sheet: which of its columns stands where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Generic

from shared.spreadsheets.kinds import plain
from shared.spreadsheets.raw import (
    MOST_COLUMNS,
    CellError,
    Fault,
    FileUnreadable,
    Raw,
    RawRow,
    letter_of,
    shown,
)
from shared.spreadsheets.sheet import ERROR_COLUMNS, Sheet, T
from shared.spreadsheets.workbook_rows import Merged

_REQUIRED_SIGNS: Final = "*＊"
_IGNORED: Final = -1


@dataclass(frozen=True, slots=True)
class Layout(Generic[T]):
    """Where the columns of a sheet stand in one file, and which columns have no header."""

    sheet: Sheet[T]
    places: tuple[int | None, ...]
    headers: tuple[str, ...]

    def cells(self, row: RawRow) -> tuple[Raw, ...]:
        """Return the cells of a row in the order of the sheet's columns."""
        return tuple(None if at is None else _at(row, at) for at in self.places)

    def error(self, number: int, key: str, cells: Sequence[Raw], reason: str) -> CellError:
        """Return what is told of a row's cell; an unknown key is the row as a whole."""
        at = self.sheet.by_key.get(key)
        if at is None:
            return CellError(number, "", "", "", reason)
        place = self.places[at]
        letter = "" if place is None else letter_of(place)
        column = self.sheet.columns[at]
        value = "" if column.personal else shown(cells[at])
        return CellError(number, letter, column.header, value, reason)

    def strays(self, row: RawRow) -> Iterator[CellError]:
        """Tell what stands in columns that have no header."""
        for at, cell in enumerate(row.cells[:MOST_COLUMNS]):
            if cell is not None and self.header(at) == "":
                reason = "此列没有表头，不应填写内容（请检查列是否错位）"
                yield CellError(row.number, letter_of(at), "", shown(cell), reason)

    def header(self, at: int) -> str:
        """Return the header of a column of the file."""
        return self.headers[at] if at < len(self.headers) else ""


def layout_of(sheet: Sheet[T], header: RawRow, merged: Sequence[Merged]) -> Layout[T]:
    """Return where each column stands, whatever their order, or refuse the file."""
    known = {
        _name(name): at
        for at, column in enumerate(sheet.columns)
        for name in (column.header, *column.aliases)
    } | {_name(name): _IGNORED for name in ERROR_COLUMNS}
    headers = tuple(_said(cell) for cell in header.cells)
    errors = [
        one.error(header.number) for one in merged if one.first_row <= header.number <= one.last_row
    ]
    found: list[int | None] = [None] * len(sheet.columns)
    for at, said in enumerate(headers):
        column = known.get(_name(said))
        if said == "" or column == _IGNORED:
            continue
        if column is None:
            errors.append(_wrong(header, at, _unknown(said, sheet, headers)))
        elif found[column] is not None:
            errors.append(_wrong(header, at, "此表头出现了不止一次"))
        else:
            found[column] = at
    errors += [
        CellError(header.number, "", column.header, "", "缺少此表头（必填列）")
        for column, at in zip(sheet.columns, found, strict=True)
        if column.required and at is None
    ]
    if errors:
        raise FileUnreadable(f"表头有误，共 {len(errors)} 处；请使用下载的模板", errors=errors)
    return Layout(sheet, tuple(found), headers)


def _unknown(said: str, sheet: Sheet[T], given: Sequence[str]) -> str:
    headers = [column.header for column in sheet.columns if column.header not in given]
    # Of a header of two signs, one that is right is enough to be near.
    near = get_close_matches(said, headers, n=1, cutoff=0.5)
    return f"不认识的表头，是否为“{near[0]}”？" if near else "不认识的表头"


def _wrong(header: RawRow, at: int, reason: str) -> CellError:
    return CellError(header.number, letter_of(at), "", shown(header.cells[at]), reason)


def _said(cell: Raw) -> str:
    if cell is None:
        return ""
    return plain(cell.text if isinstance(cell, Fault) else cell)


def _name(header: str) -> str:
    return plain(header).strip(_REQUIRED_SIGNS).removesuffix("(必填)").lower()


def _at(row: RawRow, at: int) -> Raw:
    return row.cells[at] if at < len(row.cells) else None
