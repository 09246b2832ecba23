"""The template is filled in and read; what was wrong comes back in a form that is read again."""

import io
from datetime import date, time
from decimal import Decimal

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as some

from shared.spreadsheets.forms import error_sheet, template
from shared.spreadsheets.reading import Bad
from shared.spreadsheets.sheet import ERROR_COLUMNS
from tests.shared.spreadsheets.forms import (
    CLASSES,
    HEADERS,
    a_csv,
    items,
    read,
    with_cell,
)

WORDS = some.text(some.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)


def filled(*rows):
    """The template as a person fills it in, in the program that opened it."""
    book = openpyxl.load_workbook(io.BytesIO(template(CLASSES)))
    for number, row in enumerate(rows, start=2):
        for at, value in enumerate(row, start=1):
            cell = book["班级"].cell(number, at)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def written(bads):
    file = io.BytesIO()
    with error_sheet(file, CLASSES) as report:
        for bad in bads:
            report.add(bad)
    return file.getvalue()


def page_of(content, name="班级"):
    return openpyxl.load_workbook(io.BytesIO(content))[name]


class TestTemplate:
    def test_has_the_columns_their_choices_and_what_is_to_be_filled_in(self):
        content = template(CLASSES)
        page = page_of(content)

        assert [cell.value for cell in page[1]] == list(HEADERS)
        rules = {str(one.sqref): one for one in page.data_validations.dataValidation}
        assert rules["B2:B1001"].type == "list"
        assert [cell.value for cell in page_of(content, "选项")["B"]][:2] == ["数学", "英语"]
        help_texts = [cell.value for row in page_of(content, "填写说明") for cell in row]
        assert {"一个班一行。", "2026-09-01", "班号", "选填"} <= set(help_texts)

    def test_keeps_texts_and_days_as_they_are_typed(self):
        page = page_of(template(CLASSES))

        formats = [page.column_dimensions[letter].number_format for letter in "AC"]
        assert formats == ["@", "yyyy-mm-dd"]

    def test_has_no_row_yet(self):
        assert read(template(CLASSES)) == []

    @settings(max_examples=40, deadline=None)
    @given(
        some.lists(
            some.tuples(
                WORDS.map(lambda word: word[:16]),
                some.sampled_from(["数学", "英语"]),
                some.dates(date(2000, 1, 1), date(2099, 12, 31)),
                some.times().map(lambda one: one.replace(microsecond=0)),
                some.integers(1, 7),
                some.integers(1, 200),
                some.decimals("0.5", "1000", places=2),
                some.integers(1, 10**10),
            ),
            max_size=4,
            unique_by=lambda row: row[0],
        )
    )
    def test_gives_back_what_was_filled_in(self, rows):
        content = filled(*((*row[:6], float(row[6]), row[7] / 100) for row in rows))

        subjects = {"数学": "math", "英语": "english"}
        keys = [column.key for column in CLASSES.columns]
        assert items(content) == [
            dict(zip(keys, (row[0], subjects[row[1]], *row[2:], None), strict=True)) for row in rows
        ]


class TestErrorSheet:
    def bad(self):
        rows = [
            with_cell("班级编号", ""),
            with_cell("价款", "=1+1"),
            with_cell("开课日", "2026-2-30"),
        ]
        return [one for one in read(a_csv(*rows)) if isinstance(one, Bad)]

    def test_has_the_bad_rows_with_cell_and_reason_and_marks_them(self):
        page = page_of(written(self.bad()))

        assert [cell.value for cell in page[1]] == [*HEADERS, *ERROR_COLUMNS]
        told = [[cell.value for cell in row[9:]] for row in page.iter_rows(min_row=2)]
        assert [row[:2] for row in told] == [[2, "A2"], [3, "H3"], [4, "C4"]]
        assert told[0][2] == "班级编号：必填，不得为空"
        marked = [
            cell.coordinate
            for row in page.iter_rows(min_row=2)
            for cell in row
            if cell.fill.start_color.rgb == "FFFFC7CE"
        ]
        assert marked == ["A2", "H3", "C4"]

    def test_holds_no_formula(self):
        page = page_of(written(self.bad()))

        assert page["H3"].value == "'=1+1"
        assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n", "d"}

    def test_is_read_again_once_it_is_corrected(self):
        book = openpyxl.load_workbook(io.BytesIO(written(self.bad())))
        page = book["班级"]
        page["A2"], page["A3"], page["A4"] = "B-2", "B-3", "B-4"
        page["H3"], page["C4"] = 1200.5, date(2026, 3, 1)
        file = io.BytesIO()
        book.save(file)

        found = items(file.getvalue())

        assert [one["no"] for one in found] == ["B-2", "B-3", "B-4"]
        assert [one["price"] for one in found] == [120_050] * 3
        assert (found[0]["at"], found[0]["lessons"]) == (time(18, 30), Decimal("12.5"))
