"""A statement file row by row: what is right becomes lines, what is wrong is told by its cell."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from services.fund_monitor.domain.statements.statement import (
    CellProblem,
    Layout,
    Line,
    fen_of,
    line_of,
    totals_of,
)
from shared.spreadsheets.raw import CellUnreadable

MOST_ROWS: Final = 200_000
MOST_PROBLEMS: Final = 50
_LONGEST_CELL: Final = 256
_FILE: Final = 0
_HEADER_AND_TOTAL: Final = 2


class StatementCheck:
    """Checks one file as its rows come; it keeps sums, problems and a short digest of each line."""

    def __init__(self, layout: Layout, day: date) -> None:
        self._layout = layout
        self._day = day
        self._places: dict[str, int] = {}
        self._seen: set[bytes] = set()
        self._sums: Counter[str] = Counter()
        self._total_row: int | None = None
        self.rows = 0
        self.problem_count = 0
        self.problems: list[CellProblem] = []

    def lines(self, rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Line]:
        """Give the lines of a file, its header first; whatever is wrong is among the problems."""
        for number, row in rows:
            if number > MOST_ROWS + _HEADER_AND_TOTAL:
                self.tell(number, "", f"一个文件最多 {MOST_ROWS} 行明细，请联系市金融办分户报送")
                return
            if not any(row):
                continue
            if not self._places:
                if not self._header(number, row):
                    return
            elif (line := self._line(number, row)) is not None:
                yield line
        if not self._places:
            self.tell(_FILE, "", "文件中没有表头")

    def tell(self, row: int, column: str, rule: str) -> None:
        """Note one thing that is wrong; the first ones are kept, all are counted."""
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(CellProblem(row, column, rule))

    def _header(self, number: int, row: Sequence[str]) -> bool:
        headers = Counter(row)
        for header in self._layout.columns.values():
            if headers[header] != 1:
                what = "缺少此表头" if headers[header] == 0 else "此表头出现了不止一次"
                self.tell(number, header, f"{what}（请核对列映射、分隔符与编码）")
        if self.problem_count:
            return False
        self._places = {name: row.index(head) for name, head in self._layout.columns.items()}
        return True

    def _line(self, number: int, row: Sequence[str]) -> Line | None:
        if self._total_row is not None:
            self.tell(number, "", f"第 {self._total_row} 行已是合计行，其后不得再有内容")
            return None
        cells = {name: row[at] if at < len(row) else "" for name, at in self._places.items()}
        if next(cell for cell in row if cell) == self._layout.total_label:
            self._total_row = number
            self._check_total(number, cells)
            return None
        self.rows += 1
        if any(len(cell) > _LONGEST_CELL for cell in cells.values()):
            self.tell(number, "", f"单元格最多 {_LONGEST_CELL} 个字符")
            return None
        found = line_of(number, cells, self._layout, self._day)
        if isinstance(found, Line):
            return self._counted(found)
        for problem in found:
            self.tell(problem.row, problem.column, problem.rule)
        return None

    def _counted(self, line: Line) -> Line | None:
        mark = hashlib.blake2b(line.key.encode(), digest_size=12).digest()
        if mark in self._seen:
            self.tell(line.row, self._layout.serial_no, "与前面某行的账号、流水号、分录号都相同")
            return None
        self._seen.add(mark)
        self._sums.update(dict(totals_of(line, self._layout)))
        return line

    def _check_total(self, number: int, cells: Mapping[str, str]) -> None:
        """Hold the control total against the sum; rows that are wrong themselves are not in it."""
        for name in self._layout.amounts:
            header = self._layout.columns[name]
            try:
                told = fen_of(cells[name], self._layout.unit)
            except CellUnreadable as error:
                self.tell(number, header, str(error))
                continue
            if told != self._sums[name] and self.problem_count == 0:
                self.tell(
                    number, header, f"合计为 {told} 分，各行相加为 {self._sums[name]} 分，二者不符"
                )
