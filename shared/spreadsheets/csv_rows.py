"""Rows of a text file, one after the other: CSV in UTF-8 or GB18030."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import IO, Final

from shared.spreadsheets.raw import (
    LONGEST_CELL,
    MOST_COLUMNS,
    Fault,
    FileUnreadable,
    Raw,
    RawRow,
    live,
)

ENCODINGS: Final = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}
_CHUNK: Final = 64 * 1024
_DELIMITERS: Final = ",\t;"
_FORMULA: Final = "单元格是公式：请改为填写数值（复制后“选择性粘贴—数值”）"
_ERROR: Final = "单元格是错误值：请更正后重新填写"
ERROR_VALUES: Final = frozenset(
    ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
)


def text_rows(file: IO[bytes], *, encoding: str, delimiter: str) -> Iterator[RawRow]:
    """Give the rows of a text file as texts without blanks around them."""
    text = io.TextIOWrapper(file, encoding=ENCODINGS[encoding], newline="")
    try:
        for number, row in enumerate(csv.reader(text, delimiter=delimiter, strict=True), start=1):
            yield RawRow(number, [cell.strip() or None for cell in row[:MOST_COLUMNS]])
    except UnicodeDecodeError as error:
        raise FileUnreadable(f"文件不是约定的编码 {encoding.upper()}") from error
    except csv.Error as error:
        raise FileUnreadable("文件不是有效的 CSV：引号未闭合，或单元格过长") from error
    finally:
        # The file is its owner's: the wrapper would close it. It may be gone before the last row.
        if not file.closed:
            text.detach()


def guessed_rows(file: IO[bytes]) -> Iterator[RawRow]:
    """Give the rows of a text file that says nothing of its encoding or its delimiter."""
    encoding = "utf-8" if _is_utf8(file) else "gb18030"
    delimiter = _delimiter(file, encoding)
    for row in text_rows(file, encoding=encoding, delimiter=delimiter):
        yield RawRow(row.number, [_judged(cell) for cell in row.cells])


def _judged(cell: Raw) -> Raw:
    """Tell formulas and their errors from texts, as a workbook does by itself."""
    if not isinstance(cell, str):
        return cell
    if cell.upper() in ERROR_VALUES:
        return fault_of_error(cell)
    return fault_of_formula(cell) if cell.startswith("=") else live(cell)


def fault_of_formula(text: str) -> Fault:
    """Return a cell that is a formula."""
    return Fault(text[:LONGEST_CELL], _FORMULA)


def fault_of_error(text: str) -> Fault:
    """Return a cell that holds the error of a formula."""
    return Fault(text[:LONGEST_CELL], _ERROR)


def _is_utf8(file: IO[bytes]) -> bool:
    """Read the whole file once: GB18030 takes nearly any bytes, UTF-8 only its own."""
    file.seek(0)
    start = file.read(2)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise FileUnreadable("文件编码为 UTF-16，请另存为“CSV UTF-8（逗号分隔）”")
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                raise FileUnreadable("文件既不是 XLSX 工作簿，也不是 CSV 文本")
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _delimiter(file: IO[bytes], encoding: str) -> str:
    """Return what divides the header, which is the first line with anything in it."""
    start = file.read(_CHUNK).decode(ENCODINGS[encoding], errors="ignore")
    file.seek(0)
    header = next((line for line in start.splitlines() if line.strip()), "")
    counts = Counter(sign for sign in header if sign in _DELIMITERS)
    return max(_DELIMITERS, key=lambda sign: counts[sign])
