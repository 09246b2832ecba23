"""The forms people get: a template to fill in, and the error sheet to correct and upload again."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, Any, Final

from shared.spreadsheets.raw import Raw, letter_of
from shared.spreadsheets.reading import Bad
from shared.spreadsheets.sheet import ERROR_COLUMNS, Column, Sheet
from shared.spreadsheets.writing import write_cell, written_to

_HELP: Final = "填写说明"
_CHOICES: Final = "选项"
_WIDTH: Final = 18
_WIDE: Final = 60
_LONGEST_TITLE: Final = 32
_LONGEST_HINT: Final = 255
_WRONG: Final = "#FFC7CE"
_GENERAL_NOTES: Final = (
    "请在第一张表中填写，一行一条；不要改动表头，不要合并单元格，不要使用公式。",
    "列的顺序可以不同；没有内容的选填列可以删去。",
    "也可另存为 CSV 上传，编码为 UTF-8 或 GB18030（GBK）。",
    "红色表头为必填。",
)


def template(sheet: Sheet[Any]) -> bytes:
    """Return the empty form of a sheet, with how it is filled in."""
    content = BytesIO()
    with written_to(content) as book:
        page = book.add_worksheet(sheet.name)
        _head(book, page, sheet, extra=())
        _offer(book, page, sheet)
        _explain(book, sheet)
    return content.getvalue()


class ErrorSheet:
    """The rows that were not taken, in the form of the template, with what is wrong behind them."""

    def __init__(self, book: Any, sheet: Sheet[Any]) -> None:  # noqa: ANN401 - xlsxwriter has no types
        self._page = book.add_worksheet(sheet.name)
        _head(book, self._page, sheet, extra=ERROR_COLUMNS)
        self._columns = len(sheet.columns)
        self._headers = {one.header: at for at, one in enumerate(sheet.columns)}
        self._plain = [_format(book, one) for one in sheet.columns]
        self._wrong = [_format(book, one, bg_color=_WRONG) for one in sheet.columns]
        self._row = 0

    def add(self, bad: Bad) -> None:
        """Write one row; its wrong cells are marked."""
        self._row += 1
        wrong = {self._headers.get(one.header) for one in bad.errors}
        for at, cell in enumerate(bad.cells):
            if at in wrong:
                write_cell(self._page, self._row, at, cell, self._wrong[at])
            elif cell is not None:
                # An empty one looks as its column does, and most cells of a sheet are empty.
                write_cell(self._page, self._row, at, cell, self._plain[at])
        where = "、".join(dict.fromkeys(one.at for one in bad.errors if one.letter))
        why = "；".join(
            f"{one.header}：{one.reason}" if one.header else one.reason for one in bad.errors
        )
        told: tuple[Raw, ...] = (bad.number, where, why)
        for at, cell in enumerate(told, start=self._columns):
            write_cell(self._page, self._row, at, cell or None)


@contextmanager
def error_sheet(file: IO[bytes], sheet: Sheet[Any]) -> Iterator[ErrorSheet]:
    """Open an error sheet to be written to a file; its rows are not kept in memory."""
    with written_to(file, streamed=True) as book:
        yield ErrorSheet(book, sheet)


def _head(book: Any, page: Any, sheet: Sheet[Any], *, extra: tuple[str, ...]) -> None:  # noqa: ANN401 - as above
    required = book.add_format({"bold": True, "font_color": "#C00000", "num_format": "@"})
    optional = book.add_format({"bold": True, "num_format": "@"})
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, _WIDTH, _format(book, column))
        page.write_string(0, at, column.header, required if column.required else optional)
    for at, header in enumerate(extra, start=len(sheet.columns)):
        page.set_column(at, at, _WIDTH)
        page.write_string(0, at, header, optional)
    page.freeze_panes(1, 0)


def _format(book: Any, column: Column, **more: object) -> Any:  # noqa: ANN401 - as above
    return book.add_format({"num_format": column.kind.number_format, **more})


def _offer(book: Any, page: Any, sheet: Sheet[Any]) -> None:  # noqa: ANN401 - as above
    """Offer the choices of a column, and say in each cell what it holds."""
    choices = book.add_worksheet(_CHOICES)
    choices.hide()
    for at, column in enumerate(sheet.columns):
        rule: dict[str, object] = {
            "validate": "any",
            "input_title": column.header[:_LONGEST_TITLE],
            "input_message": _hint(column)[:_LONGEST_HINT],
        }
        if column.kind.choices:
            for row, name in enumerate(column.kind.choices):
                choices.write_string(row, at, name)
            last = len(column.kind.choices)
            # Kept on a sheet of their own: a list in the rule itself ends at 255 characters.
            letter = letter_of(at)
            where = f"={_CHOICES}!${letter}$1:${letter}${last}"
            rule |= {"validate": "list", "source": where, "error_title": "请从列表中选择"}
        page.data_validation(1, at, sheet.most_rows, at, rule)


def _explain(book: Any, sheet: Sheet[Any]) -> None:  # noqa: ANN401 - as above
    page = book.add_worksheet(_HELP)
    bold = book.add_format({"bold": True})
    page.set_column(0, 2, _WIDTH)
    page.set_column(3, 4, _WIDE)
    for row, note in enumerate((*_GENERAL_NOTES, *sheet.notes)):
        page.write_string(row, 0, note)
    first = len(_GENERAL_NOTES) + len(sheet.notes) + 1
    for at, title in enumerate(("列名", "是否必填", "示例", "填写要求", "也接受的列名")):
        page.write_string(first, at, title, bold)
    for row, column in enumerate(sheet.columns, start=first + 1):
        needed = "必填" if column.required else "选填"
        other = "、".join(column.aliases)
        cells = (column.header, needed, column.example, _hint(column), other)
        for at, cell in enumerate(cells):
            page.write_string(row, at, cell)


def _hint(column: Column) -> str:
    parts = [column.kind.form, column.help]
    if column.kind.choices:
        parts.append(f"可填：{'、'.join(column.kind.choices)}")
    return "。".join(part for part in parts if part)
