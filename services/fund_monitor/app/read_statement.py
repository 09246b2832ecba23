"""The rows of a statement file, CSV or XLSX, one after the other: the file is never held whole."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from typing import IO, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from services.fund_monitor.domain.statement import Layout

_ZIP: Final = b"PK\x03\x04"
_MOST_COLUMNS: Final = 64
_MOST_UNPACKED: Final = 256 * 1024 * 1024
_MOST_TEXTS: Final = 32 * 1024 * 1024
_TEXTS: Final = "xl/sharedStrings.xml"
_ENCODINGS: Final = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}


class FileUnreadable(ValueError):
    """The file is not what it should be; the message is told to the bank."""


def rows_of(file: IO[bytes], layout: Layout) -> Iterator[Sequence[str]]:
    """Give the rows of a file as texts without blanks around them.

    What the file is, its first bytes say: a workbook is a zip archive, anything else is text.
    """
    start = file.read(len(_ZIP))
    file.seek(0)
    return _workbook_rows(file) if start == _ZIP else text_rows(file, layout)


def text_rows(file: IO[bytes], layout: Layout) -> Iterator[Sequence[str]]:
    """Give the rows of a text file, as they come."""
    text = io.TextIOWrapper(file, encoding=_ENCODINGS[layout.encoding], newline="")
    try:
        for row in csv.reader(text, delimiter=layout.delimiter, strict=True):
            yield [cell.strip() for cell in row[:_MOST_COLUMNS]]
    except UnicodeDecodeError as error:
        raise FileUnreadable(f"文件不是约定的编码 {layout.encoding.upper()}") from error
    except csv.Error as error:
        raise FileUnreadable("文件不是有效的 CSV：引号未闭合，或单元格过长") from error
    finally:
        # The file is its owner's: the wrapper would close it.
        text.detach()


def _workbook_rows(file: IO[bytes]) -> Iterator[Sequence[str]]:
    try:
        _refuse_large(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        with closing(book):
            # Stated dimensions may be wrong: rows are read as they are.
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            for row in sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True):
                yield [_text(cell) for cell in row]
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        ParseError,
        KeyError,
        IndexError,
        ValueError,
    ) as error:
        if isinstance(error, FileUnreadable):
            raise
        raise FileUnreadable("文件不是可读的 XLSX 工作簿") from error


def _refuse_large(file: IO[bytes]) -> None:
    """Refuse an archive that would unpack to more than any statement has."""
    with zipfile.ZipFile(file) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
    file.seek(0)
    if sum(sizes.values()) > _MOST_UNPACKED or sizes.get(_TEXTS, 0) > _MOST_TEXTS:
        raise FileUnreadable("工作簿展开后过大，请改用 CSV")


def _text(cell: object) -> str:
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
    return str(cell).strip()
