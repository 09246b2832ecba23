"""Rows of an XLSX sheet, one after the other, with what it merged."""

import math
import re
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final
from xml.parsers.expat import ExpatError

from openpyxl.utils.datetime import from_excel

from shared.spreadsheets.csv_rows import fault_of_error, fault_of_formula
from shared.spreadsheets.package import Package, Styles, events, place_of
from shared.spreadsheets.raw import (
    LONGEST_CELL,
    MOST_COLUMNS,
    CellError,
    FileUnreadable,
    Raw,
    RawRow,
    column_of,
    letter_of,
    live,
)

ZIP: Final = b"PK\x03\x04"
OLD: Final = b"\xd0\xcf\x11\xe0"
"""What .xls files and encrypted workbooks begin with."""
OLD_WORKBOOK: Final = "旧版 .xls 或设有密码的工作簿不能读取：请另存为不带密码的 .xlsx"
MOST_MERGED: Final = 1_000
_MERGED: Final = b"mergeCell"
_CHUNK: Final = 64 * 1024
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, ExpatError, EOFError, OSError),
    *(LookupError, ValueError, ArithmeticError, StopIteration, RuntimeError),
)


@dataclass(frozen=True, slots=True)
class Merged:
    """A range of cells that were made one, rows and columns inclusive; the first column is 0."""

    ref: str
    first_row: int
    last_row: int
    first_column: int

    def error(self, row: int, header: str = "") -> CellError:
        """Return what is told of it in one of its rows."""
        reason = f"合并单元格 {self.ref}：请取消合并，每一行分别填写"
        return CellError(row, letter_of(self.first_column), header, "", reason)


def workbook_rows(
    file: IO[bytes], *, sheet: str | None = None, formulas: bool = False
) -> Iterator[RawRow]:
    """Give the rows of a sheet that have cells.

    ``formulas`` takes what a formula gave when the workbook was saved; else it is a fault.
    """
    with _opened(file) as package, _told():
        # The years of a workbook that counts from 1904 are four off wherever a number is no date.
        if package.epoch_1904:
            raise FileUnreadable("工作簿使用 1904 日期系统，请在选项中改为 1900 日期系统后保存")
        cells = _Cells(package.texts(), package.styles(), formulas=formulas)
        with package.sheet(sheet) as part:
            for _ in events(part, start=cells.start, end=cells.end, text=cells.text):
                while cells.rows:
                    yield cells.rows.popleft()


def merged_in(file: IO[bytes], *, sheet: str | None = None) -> list[Merged]:
    """Return what a sheet merged: it stands behind the rows, so they are passed once before."""
    found: list[Merged] = []

    def start(name: str, given: Mapping[str, str]) -> None:
        if name != "mergeCell":
            return
        if len(found) == MOST_MERGED:
            raise FileUnreadable(f"合并单元格超过 {MOST_MERGED} 处：请全部取消合并后重新上传")
        first, _, last = given["ref"].partition(":")
        (letters, row), (_, until) = place_of(first), place_of(last or first)
        found.append(Merged(given["ref"], row, until, column_of(letters)))

    def nothing(_: str) -> None: ...

    with _opened(file) as package, _told():
        with package.sheet(sheet) as part:
            if not _may_merge(part):
                return []
        with package.sheet(sheet) as part:
            for _ in events(part, start=start, end=nothing, text=nothing):
                pass
    return found


def _may_merge(part: IO[bytes]) -> bool:
    """Look for the word alone: few sheets have it, and reading all elements takes far longer."""
    before = b""
    while chunk := part.read(_CHUNK):
        # Each sign of another encoding than UTF-8 has a zero byte in it.
        if _MERGED in before + chunk or b"\0" in chunk:
            return True
        before = chunk[-len(_MERGED) :]
    return False


class _Cells:
    """Makes rows of the elements of a sheet."""

    def __init__(self, texts: Sequence[str], styles: Styles, *, formulas: bool) -> None:
        self._texts, self._styles, self._formulas = texts, styles, formulas
        self.rows: deque[RawRow] = deque()
        self._number = 0
        self._column = -1
        self._row: list[Raw] = []
        self._kind, self._style = "n", 0
        self._value: list[str] = []
        self._length = 0
        self._formula: list[str] | None = None
        self._into: list[str] | None = None
        self._phonetic = False

    def start(self, name: str, given: Mapping[str, str]) -> None:
        if name == "c":
            self._start_cell(given)
        elif name in ("v", "t"):
            self._into = None if self._phonetic else self._value
        elif name == "f":
            self._formula = self._into = ["="]
        elif name == "rPh":
            self._phonetic = True
        elif name == "row":
            self._number = int(given["r"]) if "r" in given else self._number + 1
            self._column, self._row = -1, []

    def end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name in ("v", "t", "f"):
            self._into = None
        elif name == "rPh":
            self._phonetic = False
        elif name == "row" and self._row:
            self.rows.append(RawRow(self._number, self._row))
            self._row = []

    def text(self, some: str) -> None:
        if self._into is None:
            return
        self._length += len(some)
        if self._length > 2 * LONGEST_CELL:
            raise FileUnreadable(f"第 {self._number} 行有过长的单元格")
        self._into.append(some)

    def _start_cell(self, given: Mapping[str, str]) -> None:
        reference = given.get("r")
        self._column = self._column + 1 if reference is None else column_of(place_of(reference)[0])
        self._kind, self._style = given.get("t", "n"), int(given.get("s", "0"))
        self._value, self._formula, self._length = [], None, 0

    def _end_cell(self) -> None:
        if self._column >= MOST_COLUMNS:
            return
        value = self._read("".join(self._value))
        if value is not None:
            self._row.extend([None] * (self._column + 1 - len(self._row)))
            self._row[self._column] = value

    def _read(self, text: str) -> Raw:
        if self._formula is not None and not self._formulas:
            return fault_of_formula("".join(self._formula))
        if text == "":
            return None
        if self._kind in ("n", "b", "e", "d"):
            return self._value_of(text)
        plain = self._texts[int(text)] if self._kind == "s" else text
        return live(plain.strip()) or None

    def _value_of(self, text: str) -> Raw:
        if self._kind == "n":
            return self._number_of(text)
        if self._kind == "e":
            return fault_of_error(text)
        if self._kind == "b":
            return text == "1"
        found = datetime.fromisoformat(text).replace(tzinfo=None)
        return found if "T" in text else found.date()

    def _number_of(self, text: str) -> Raw:
        number = int(text) if _WHOLE.fullmatch(text) else float(text)
        if not math.isfinite(number):
            return fault_of_error(text)
        if self._style not in self._styles.dates:
            return number
        try:
            duration = self._style in self._styles.durations
            found: Raw = from_excel(number, timedelta=duration)
        except (OverflowError, ValueError):
            return fault_of_error(text)
        return found


def _opened(file: IO[bytes]) -> closing[Package]:
    file.seek(0)
    with _told():
        return closing(Package(file))


@contextmanager
def _told() -> Iterator[None]:
    """Say of whatever breaks in a workbook that it cannot be read."""
    try:
        yield
    except FileUnreadable:
        raise
    except _BROKEN as error:
        raise FileUnreadable("文件不是可读的 XLSX 工作簿") from error
