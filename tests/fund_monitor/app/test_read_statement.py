"""Statement files, cell by cell: what is read, what is refused where, in how much memory."""

import io
import tracemalloc
from dataclasses import replace
from datetime import date
from itertools import repeat

import openpyxl
import pytest

from services.fund_monitor.app.statements.read_statement import rows_of
from services.fund_monitor.domain.statements.statement import Layout
from services.fund_monitor.domain.statements.statement_check import (
    MOST_PROBLEMS,
    MOST_ROWS,
    StatementCheck,
)
from shared.spreadsheets.csv_rows import text_rows
from shared.spreadsheets.raw import FileUnreadable

DAY = date(2026, 3, 2)
LAYOUT = Layout(serial_no="流水号", account_no="账号", booked_on="日期", amount="金额")
HEADER = "流水号,账号,日期,金额\n"


def checked(content, layout=LAYOUT):
    data = content if isinstance(content, bytes) else content.encode()
    check = StatementCheck(layout, DAY)
    lines = list(check.lines(rows_of(io.BytesIO(data), layout)))
    return lines, check


def told(content, layout=LAYOUT):
    _, check = checked(content, layout)
    return [(one.row, one.column) for one in check.problems]


class TestWhatIsRead:
    @pytest.mark.parametrize(
        ("encoding", "codec"),
        [("utf-8", "utf-8"), ("utf-8", "utf-8-sig"), ("gb18030", "gb18030")],
    )
    def test_is_the_same_in_both_encodings_with_a_mark_or_without(self, encoding, codec):
        layout = Layout(
            serial_no="流水号",
            account_no="账号",
            booked_on="日期",
            amount="金额",
            encoding=encoding,
        )
        text = HEADER + 'S1,A1,2026/03/02,"1,234.50"\r\nS2,A1,20260302,-0.01\r\n'

        lines, check = checked(text.encode(codec), layout)

        assert [(one.row, one.fen) for one in lines] == [(2, 123_450), (3, -1)]
        assert check.problems == []

    @pytest.mark.parametrize(
        ("unit", "given", "total", "fen"),
        [
            pytest.param("yuan", (12.5, 1200, -5), 1207.5, [1_250, 120_000, -500], id="yuan"),
            pytest.param("fen", (1250, 120_000.0, -500), 120_750, [1_250, 120_000, -500], id="fen"),
        ],
    )
    def test_a_workbook_is_read_as_its_text_would_be(self, unit, given, total, fen):
        book = openpyxl.Workbook()
        book.active.append(["流水号", "账号", "日期", "金额", "余额"])
        for number, amount in enumerate(given):
            book.active.append([number, 330481001, date(2026, 3, 2), amount, 5])
        book.active.append(["合计", None, None, total])
        file = io.BytesIO()
        book.save(file)

        lines, check = checked(file.getvalue(), replace(LAYOUT, unit=unit, balance_after="余额"))

        assert check.problems == []
        assert (lines[0].serial_no, lines[0].account_no) == ("0", "330481001")
        assert [one.fen for one in lines] == fen
        assert lines[0].balance_after_fen == (500 if unit == "yuan" else 5)

    def test_an_amount_of_a_workbook_is_exact_to_the_fen(self):
        book = openpyxl.Workbook()
        book.active.append(["流水号", "账号", "日期", "金额"])
        book.active.append(["S1", "A1", date(2026, 3, 2), 12.505])
        file = io.BytesIO()
        book.save(file)

        assert told(file.getvalue()) == [(2, "金额")]

    def test_the_direction_or_the_column_gives_the_sign(self):
        directed = Layout(
            serial_no="流水号", account_no="账号", booked_on="日期", amount="金额", direction="借贷"
        )
        sided = Layout(
            serial_no="流水号", account_no="账号", booked_on="日期", debit="借方", credit="贷方"
        )

        one, _ = checked("流水号,账号,日期,金额,借贷\nS1,A1,2026-03-02,1.00,借\n", directed)
        two, _ = checked("流水号,账号,日期,借方,贷方\nS1,A1,2026-03-02,,1.00\n", sided)

        assert [one[0].fen, two[0].fen] == [-100, 100]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("row", "column"),
        [
            pytest.param("S 1,A1,2026-03-02,1.00", "流水号", id="a blank in a number"),
            pytest.param(",A1,2026-03-02,1.00", "流水号", id="no serial number"),
            pytest.param("S1,,2026-03-02,1.00", "账号", id="no account"),
            pytest.param("S1,A1,2026-03-03,1.00", "日期", id="another day"),
            pytest.param("S1,A1,2日,1.00", "日期", id="no date"),
            pytest.param("S1,A1,2026-03-02,1.0", "金额", id="one place"),
            pytest.param("S1,A1,2026-03-02,1e3", "金额", id="an exponent"),
            pytest.param("S1,A1,2026-03-02,", "金额", id="no amount"),
            pytest.param("S1,A1,2026-03-02,0.00", "金额", id="nothing moved"),
            pytest.param("S1,A1,2026-03-02,99999999999999.00", "金额", id="beyond all bounds"),
            pytest.param("S1,A1,2026-03-02", "金额", id="a short row"),
        ],
    )
    def test_a_field_is_told_by_its_row_and_column(self, row, column):
        assert told(HEADER + "S0,A1,2026-03-02,5.00\n" + row + "\n") == [(3, column)]

    def test_amounts_in_the_column_of_accounts_are_told_as_swapped(self):
        _, check = checked(HEADER + "S1,1234.50,2026-03-02,330481001\n")

        assert [(one.row, one.column) for one in check.problems] == [(2, "账号"), (2, "金额")]
        assert "错位" in check.problems[0].rule

    def test_a_total_must_add_up_and_end_the_file(self):
        rows = "S1,A1,2026-03-02,1.00\nS2,A1,2026-03-02,-0.25\n"

        assert told(HEADER + rows + "合计,,,0.75\n") == []
        assert told(HEADER + rows + "合计,,,1.25\n") == [(4, "金额")]
        assert told(HEADER + "合计,,,0.00\n" + rows) == [(3, ""), (4, "")]

    def test_a_line_that_stands_there_twice_is_told(self):
        assert told(HEADER + "S1,A1,2026-03-02,1.00\nS1,A1,2026-03-02,2.00\n") == [(3, "流水号")]

    @pytest.mark.parametrize(
        "content", ["", "\n\n", "流水号,账号,日期\n", "流水号;账号;日期;金额\n"]
    )
    def test_a_file_without_its_header_holds_nothing(self, content):
        lines, check = checked(content)

        assert lines == []
        assert check.problem_count >= 1

    def test_the_first_problems_are_kept_and_all_are_counted(self):
        _, check = checked(HEADER + "S1,A1,2026-03-02,x\n" * 500)

        assert (len(check.problems), check.problem_count) == (MOST_PROBLEMS, 500)

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param((HEADER + "甲").encode("gb18030"), id="another encoding"),
            pytest.param(b"PK\x03\x04 and nothing of a workbook", id="no workbook"),
            pytest.param((HEADER + '"S1,A1').encode(), id="an open quote"),
        ],
    )
    def test_a_file_that_cannot_be_read_says_so(self, content):
        with pytest.raises(FileUnreadable):
            checked(content)


class Generated(io.RawIOBase):
    """A file of so many rows that is nowhere whole."""

    def __init__(self, rows):
        self._rows = rows
        self._left = HEADER.encode()
        self._number = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self._left and self._number < self._rows:
            numbers = range(self._number, min(self._number + 200, self._rows))
            self._left = "".join(f"S{n},A{n % 90},2026-03-02,1.00\n" for n in numbers).encode()
            self._number = numbers.stop
        some, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(some)] = some
        return len(some)


class TestALargeFile:
    def read(self, rows):
        check = StatementCheck(LAYOUT, DAY)
        file = io.BufferedReader(Generated(rows))
        rows = text_rows(file, encoding="utf-8", delimiter=",")
        return sum(1 for _ in check.lines((row.number, row.cells) for row in rows)), check

    def test_is_read_in_memory_that_no_line_stays_in(self):
        tracemalloc.start()
        try:
            count, check = self.read(10_000)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert (count, check.problem_count) == (10_000, 0)
        # A short digest of each line and nothing else: 40 MB for the most rows that a file has.
        assert peak < 10_000 * 200

    def test_ends_at_the_first_row_too_many(self):
        check = StatementCheck(LAYOUT, DAY)
        blank = enumerate(repeat(["", ""]), start=1)

        assert list(check.lines(blank)) == []
        assert [(one.row, one.column) for one in check.problems] == [(MOST_ROWS + 3, "")]
