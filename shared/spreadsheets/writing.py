"""How workbooks are written here: what stands in a cell is data, and no program runs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import IO, Any, Final

import xlsxwriter

from shared.spreadsheets.raw import LONGEST_CELL, Raw, as_text, inert

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_MEDIA_TYPE: Final = "text/csv"
_INERT: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# Beyond it a number loses digits, and a text does not.
_EXACT: Final = 10**15
_FIRST_DAY: Final = date(1900, 3, 1)


@contextmanager
def written_to(file: IO[bytes], *, streamed: bool = False) -> Iterator[Any]:
    """Open a workbook to be written to a file; ``streamed`` keeps no row in memory, row by row."""
    kept = {"constant_memory": True} if streamed else {"in_memory": True}
    with xlsxwriter.Workbook(file, {**_INERT, **kept}) as book:
        yield book


def write_cell(page: Any, row: int, column: int, cell: Raw, form: Any = None) -> None:  # noqa: ANN401 - xlsxwriter has no types
    """Write one cell as what it is; what no number or day can hold becomes text."""
    if cell is None:
        page.write_blank(row, column, None, form)
    elif isinstance(cell, bool):
        page.write_boolean(row, column, cell, form)
    elif isinstance(cell, int | float) and abs(cell) < _EXACT:
        page.write_number(row, column, cell, form)
    elif _is_moment(cell):
        page.write_datetime(row, column, cell, form)
    else:
        page.write_string(row, column, inert(as_text(cell))[:LONGEST_CELL], form)


def _is_moment(cell: Raw) -> bool:
    if isinstance(cell, date):
        return (cell.date() if isinstance(cell, datetime) else cell) >= _FIRST_DAY
    return isinstance(cell, time | timedelta)
