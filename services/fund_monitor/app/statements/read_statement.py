"""The rows of a statement file, CSV or XLSX, one after the other: the file is never held whole."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import IO

from services.fund_monitor.domain.statements.statement import Layout, Unit
from shared.spreadsheets.csv_rows import text_rows
from shared.spreadsheets.raw import FileUnreadable, Raw, as_text
from shared.spreadsheets.workbook_rows import OLD, OLD_WORKBOOK, ZIP, workbook_rows

Numbered = tuple[int, Sequence[str]]


def rows_of(file: IO[bytes], layout: Layout) -> Iterator[Numbered]:
    """Give the numbered rows of a file as texts without blanks around them.

    What the file is, its first bytes say: a workbook is a zip archive, anything else is text.
    Raises ``FileUnreadable`` where it is not what it should be.
    """
    start = file.read(len(ZIP))
    file.seek(0)
    if start == OLD:
        raise FileUnreadable(OLD_WORKBOOK)
    if start == ZIP:
        # What a bank's own program computed is as good as what it wrote.
        rows = workbook_rows(file, formulas=True)
    else:
        rows = text_rows(file, encoding=layout.encoding, delimiter=layout.delimiter)
    amounts: frozenset[int] | None = None
    for row in rows:
        if amounts is None and not row.blank:
            headers = [_text(cell) for cell in row.cells]
            amounts = frozenset(at for at, name in enumerate(headers) if name in layout.money)
            yield row.number, headers
        else:
            yield (
                row.number,
                [
                    _amount(cell, layout.unit) if at in (amounts or ()) else _text(cell)
                    for at, cell in enumerate(row.cells)
                ],
            )


def _amount(cell: Raw, unit: Unit) -> str:
    """Return a cell of a column of amounts: a workbook keeps 1200.00 as the number 1200."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return _text(cell)
    if unit == "fen":
        return str(int(cell)) if cell == int(cell) else repr(cell)
    return f"{cell:.2f}" if cell == round(cell, 2) else repr(cell)


def _text(cell: Raw) -> str:
    """Return a cell as it would stand in a text file."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and not cell.is_integer():
        # An amount in a column of numbers looks like one: that columns are swapped is told by it.
        return f"{cell:.2f}" if cell == round(cell, 2) else repr(cell)
    return as_text(cell)
