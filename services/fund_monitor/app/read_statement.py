"""The rows of a statement file, CSV or XLSX, one after the other: the file is never held whole."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import IO

from services.fund_monitor.domain.statement import Layout
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
    for row in rows:
        yield row.number, [_text(cell) for cell in row.cells]


def _text(cell: Raw) -> str:
    """Return a cell as it would stand in a text file."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        # A workbook keeps 12.50 as 12.5; whole account numbers are no amounts and stay as they are.
        return f"{cell:.2f}" if cell == round(cell, 2) else repr(cell)
    return as_text(cell)
