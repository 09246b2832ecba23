"""Filled-in sheets, cell by cell: what is read, what is refused where, in how much memory."""

import io
import tracemalloc
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from shared.spreadsheets.raw import FileUnreadable
from shared.spreadsheets.reading import Good, read_sheet
from tests.shared.spreadsheets.forms import (
    CLASSES,
    HEADERS,
    RIGHT,
    a_csv,
    a_workbook,
    errors,
    items,
    read,
    with_cell,
)

ITEM = {
    "no": "B-1",
    "subject": "math",
    "starts_on": date(2026, 9, 1),
    "at": time(18, 30),
    "weekday": 1,
    "size": 12,
    "lessons": Decimal("12.5"),
    "price": 120_050,
    "note": None,
}


def refusal(content, sheet=CLASSES):
    with pytest.raises(FileUnreadable) as refused:
        read(content, sheet)
    return [(one.at, one.header or one.shown, one.reason) for one in refused.value.errors]


class TestWhatIsRead:
    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
    def test_a_text_file_is_read_whatever_its_encoding(self, codec):
        assert items(a_csv(RIGHT).encode(codec)) == [ITEM]

    @pytest.mark.parametrize("delimiter", ["\t", ";"])
    def test_a_text_file_is_read_whatever_divides_it(self, delimiter):
        assert items(a_csv(RIGHT).replace(",", delimiter)) == [ITEM]

    def test_a_workbook_is_read_as_text_and_as_real_cells(self):
        real = ("B-2", "数学", date(2026, 9, 1), time(18, 30), 1, 12, 12.5, 1200.5, None)

        assert items(a_workbook(RIGHT, real)) == [ITEM, {**ITEM, "no": "B-2"}]

    def test_columns_may_stand_in_another_order_and_under_another_name(self):
        headers = ("备注", "班号 *", *HEADERS[1:8])
        row = ("", *RIGHT[:8])

        assert items(a_csv(row, headers=headers)) == [ITEM]

    def test_a_column_that_need_not_be_filled_may_be_absent(self):
        assert items(a_csv(RIGHT[:8], headers=HEADERS[:8])) == [ITEM]

    def test_blank_rows_are_passed_over_and_rows_keep_their_numbers(self):
        blank = ("",) * 9
        found = read(a_csv(blank, RIGHT, blank, with_cell("班级编号", "B-2"), blank, blank))

        assert [one.number for one in found] == [3, 5]

    def test_the_sheet_is_found_by_its_name_and_else_is_the_first_one(self):
        def another_before(page):
            page.parent.create_sheet("说明", 0).append(["请先阅读"])

        assert items(a_workbook(RIGHT, change=another_before)) == [ITEM]
        assert items(a_workbook(RIGHT, name="Sheet1")) == [ITEM]

    @pytest.mark.parametrize("hidden", ["旧表", "班级"])
    def test_a_hidden_sheet_is_not_read(self, hidden):
        def hidden_before(page):
            page.parent.create_sheet(hidden, 0).append(["请先阅读"])
            page.parent.worksheets[0].sheet_state = "hidden"

        assert items(a_workbook(RIGHT, name="Sheet1", change=hidden_before)) == [ITEM]

    def test_what_was_made_inert_comes_back_as_it_was(self):
        assert items(a_workbook(with_cell("备注", "'-5")))[0]["note"] == "-5"


class TestWrongHeaders:
    def test_are_each_told_by_their_cell(self):
        headers = ("班级编号", "班号", "课目", "开课日", "上课时间", "星期", "人数", "课时", "备注")

        assert refusal(a_csv(RIGHT, headers=headers)) == [
            ("B1", "班号", "此表头出现了不止一次"),
            ("C1", "课目", "不认识的表头，是否为“科目”？"),
            ("", "科目", "缺少此表头（必填列）"),
            ("", "价款", "缺少此表头（必填列）"),
        ]

    @pytest.mark.parametrize("content", ["", "\n\n,,\n"])
    def test_none_at_all_is_told(self, content):
        assert refusal(content) == [("", "", "文件中没有表头")]

    def test_a_merged_header_is_told(self):
        content = a_workbook(RIGHT, change=lambda page: page.merge_cells("H1:I1"))

        assert [at for at, _, reason in refusal(content) if "H1:I1" in reason] == ["H1"]

    def test_what_stands_under_no_header_is_told(self):
        assert errors(a_csv((*RIGHT, "多出的"), headers=HEADERS)) == [
            ("J2", "此列没有表头，不应填写内容（请检查列是否错位）")
        ]


class TestWrongCells:
    @pytest.mark.parametrize(
        ("header", "value", "at", "reason"),
        [
            ("班级编号", "", "A2", "必填"),
            ("科目", "语文", "B2", "数学、英语"),
            ("开课日", "2026年2月30日", "C2", "没有这一天"),
            ("上课时间", "24:00", "D2", "23:59"),
            ("星期", "周八", "E2", "星期一至星期日"),
            ("人数", "12.5", "F2", "整数"),
            ("课时", "0.125", "G2", "2 位"),
            ("价款", "1.005", "H2", "精确到分"),
            ("备注", "长" * 65, "I2", "64"),
            ("价款", "=SUM(A1:A2)", "H2", "公式"),
            ("价款", "#REF!", "H2", "错误值"),
        ],
    )
    def test_are_told_alike_in_text_and_in_a_workbook(self, header, value, at, reason):
        row = with_cell(header, value)

        for content in (a_csv(row), a_workbook(row)):
            [(where, why)] = errors(content)
            assert where == at
            assert reason in why

    def test_all_of_a_row_are_told_and_other_rows_are_good(self):
        bad = (*with_cell("科目", "语文")[:5], "x", "y", "z", "")
        found = read(a_csv(RIGHT, bad, with_cell("班级编号", "B-3")))

        assert [isinstance(one, Good) for one in found] == [True, False, True]
        assert [error.at for error in found[1].errors] == ["B3", "F3", "G3", "H3"]

    def test_values_are_shown_short_and_inert(self):
        [row] = read(a_csv(with_cell("科目", "@" + "长" * 100)))

        assert row.errors[0].shown == "'@" + "长" * 63 + "…"

    def test_cells_that_are_wrong_together_are_told_together(self):
        assert errors(a_csv(with_cell("备注", "矛盾"))) == [
            ("B2", "与备注矛盾"),
            ("I2", "与科目矛盾"),
        ]

    def test_a_row_that_stands_there_twice_is_told(self):
        assert errors(a_csv(RIGHT, RIGHT)) == [("A3", "与第 2 行的班级编号相同")]

    def test_merged_cells_are_told_in_every_row_they_cover(self):
        rows = [with_cell("班级编号", f"B-{n}") for n in range(4)]
        content = a_workbook(*rows, change=lambda page: page.merge_cells("E3:E4"))

        found = errors(content)

        reason = "合并单元格 E3:E4：请取消合并，每一行分别填写"
        assert found == [("E3", reason), ("E4", reason), ("E4", "必填，不得为空")]

    def test_a_day_and_more_in_a_cell_of_time_is_told(self):
        content = a_workbook(with_cell("上课时间", timedelta(hours=24)))

        assert [at for at, why in errors(content) if "23:59" in why] == ["D2"]
        assert [one.shown for one in read(content)[0].errors] == ["24:00:00"]

    def test_a_row_is_good_until_a_use_case_refuses_it(self):
        [row] = read(a_csv(RIGHT))

        bad = row.refused([("price", "高于指导价"), ("", "平台已报送")])

        assert [(one.at, one.header, one.reason) for one in bad.errors] == [
            ("H2", "价款", "高于指导价"),
            ("", "", "平台已报送"),
        ]


def with_part(content, name, change):
    """A workbook of which one part is something else."""
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(found, "w") as new:
        for one in old.namelist():
            data = old.read(one)
            new.writestr(one, change(data) if one == name else data, zipfile.ZIP_DEFLATED)
    return found.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


class TestFilesThatAreNone:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            pytest.param(b"PK\x03\x04 and nothing of a workbook", "XLSX", id="no workbook"),
            pytest.param(b"\xd0\xcf\x11\xe0" + b"x" * 600, ".xls", id="an old one"),
            pytest.param(a_csv(RIGHT).encode("utf-16"), "UTF-16", id="another encoding"),
            pytest.param(b"\x80\x80\xff\xff", "GB18030", id="no text"),
            pytest.param(a_csv(RIGHT) + '"B-2', "引号", id="an open quote"),
            pytest.param(
                with_part(a_workbook(RIGHT), SHEET, lambda old: old[:-80]), "XLSX", id="cut off"
            ),
            pytest.param(
                with_part(
                    a_workbook(RIGHT),
                    SHEET,
                    lambda old: b'<!DOCTYPE x [<!ENTITY a "b">]>' + old.partition(b"?>")[2],
                ),
                "XML",
                id="entities",
            ),
        ],
    )
    def test_say_what_they_are(self, content, reason):
        assert reason in refusal(content)[0][2]

    def test_days_that_count_from_1904_are_refused(self):
        book = openpyxl.Workbook()
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.active.append(HEADERS)
        file = io.BytesIO()
        book.save(file)

        assert "1904" in refusal(file.getvalue())[0][2]

    def test_one_row_too_many_ends_it(self):
        small = replace(CLASSES, most_rows=2)
        rows = [with_cell("班级编号", f"B-{n}") for n in range(3)]

        assert len(read(a_csv(*rows[:2]), small)) == 2
        assert "最多 2 行" in refusal(a_csv(*rows), small)[0][2]

    def test_too_many_merged_cells_are_refused(self):
        merged = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(2, 1_004))
        content = with_part(
            a_workbook(RIGHT),
            SHEET,
            lambda old: old.replace(b"</sheetData>", b"</sheetData><mergeCells>" + merged).replace(
                b"<pageMargins", b"</mergeCells><pageMargins"
            ),
        )

        assert "1000 处" in refusal(content)[0][2]


WORKBOOK = a_workbook(RIGHT, (*RIGHT[:2], date(2026, 9, 1), time(18, 30), *RIGHT[4:]))
PARTS = zipfile.ZipFile(io.BytesIO(WORKBOOK)).namelist()
CHANGES = some.lists(some.tuples(some.integers(0), some.binary(max_size=3)), min_size=1, max_size=4)


def changed(data, changes):
    for place, put in changes:
        at = place % len(data)
        data = data[:at] + put + data[at + 1 :]
    return data


class TestAnyBytes:
    """Whatever comes, it is read or refused with a reason."""

    def meet(self, content):
        with suppress(FileUnreadable):
            read(content)

    @given(some.binary(max_size=300))
    def test_as_text(self, content):
        self.meet(content)

    @given(some.text(max_size=300))
    def test_behind_a_right_header(self, text):
        self.meet(",".join(HEADERS) + "\n" + text.encode(errors="replace").decode())

    @settings(max_examples=300, deadline=None)
    @given(CHANGES)
    def test_as_an_archive(self, changes):
        self.meet(b"PK\x03\x04" + changed(WORKBOOK, changes)[4:])

    @settings(max_examples=300, deadline=None)
    @given(some.sampled_from(PARTS), CHANGES)
    def test_as_a_part_of_a_workbook(self, part, changes):
        self.meet(with_part(WORKBOOK, part, lambda old: changed(old, changes)))


class TestMemory:
    def peak(self, content):
        tracemalloc.start()
        try:
            count, told = 0, ""
            try:
                for _ in read_sheet(io.BytesIO(content), replace(CLASSES, most_rows=100_000)):
                    count += 1
            except FileUnreadable as error:
                told = str(error)
            return count, told, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize(
        "form",
        [
            pytest.param(lambda rows: a_csv(*rows).encode(), id="text"),
            pytest.param(lambda rows: a_workbook(*rows), id="workbook"),
        ],
    )
    def test_no_row_stays_in_it(self, form):
        content = form([with_cell("班级编号", f"B-{n}") for n in range(2_000)])

        count, _, peak = self.peak(content)

        assert count == 2_000
        # A short digest and a shared text of each row: 40 MB for the most rows a file has.
        assert peak < 2_000 * 400

    @pytest.mark.parametrize(
        "bomb",
        [
            pytest.param(lambda old: old + b" " * 280_000_000, id="in all"),
            pytest.param(
                lambda _: b"<a>" + b"".join(b"<n%d/>" % n for n in range(60_000)) + b"</a>",
                id="many names",
            ),
            pytest.param(lambda _: b"<a b='" + b"x" * 20_000_000 + b"'/>", id="one word"),
            pytest.param(
                lambda old: old.replace(b"<sheetData>", b"<sheetData>" + b"<a/>" * 200_000),
                id="many elements",
            ),
        ],
    )
    def test_a_file_that_unpacks_to_far_more_takes_none(self, bomb):
        content = with_part(a_workbook(RIGHT), SHEET, bomb)
        assert len(content) < 1_000_000

        count, told, peak = self.peak(content)

        assert count == 1 or told
        assert peak < 10_000_000
