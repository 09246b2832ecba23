"""A form that has a column of every kind, and files of it as office programs write them."""

import io

import openpyxl

from shared.spreadsheets.calendar_kinds import clock_time, day, weekday
from shared.spreadsheets.kinds import choice, decimal, text, whole, yuan
from shared.spreadsheets.reading import Good, read_sheet
from shared.spreadsheets.sheet import Column, RowWrong, Sheet

HEADERS = ("班级编号", "科目", "开课日", "上课时间", "星期", "人数", "课时", "价款", "备注")
RIGHT = ("B-1", "数学", "2026-09-01", "18:30", "周一", "12", "12.5", "1200.50", "")


def made(values):
    if values["note"] == "矛盾":
        raise RowWrong([("subject", "与备注矛盾"), ("note", "与科目矛盾")])
    return dict(values)


CLASSES = Sheet(
    name="班级",
    columns=(
        Column(key="no", header="班级编号", kind=text(most=16), example="B-1", aliases=("班号",)),
        Column(
            key="subject",
            header="科目",
            kind=choice({"数学": "math", "英语": "english"}),
            example="数学",
        ),
        Column(key="starts_on", header="开课日", kind=day(), example="2026-09-01"),
        Column(key="at", header="上课时间", kind=clock_time(), example="18:30"),
        Column(key="weekday", header="星期", kind=weekday(), example="星期一"),
        Column(key="size", header="人数", kind=whole(least=1, most=200), example="12"),
        Column(
            key="lessons",
            header="课时",
            kind=decimal(least="0.5", most="1000", places=2),
            example="12.5",
        ),
        Column(
            key="price", header="价款", kind=yuan(least_fen=1, most_fen=10**10), example="1200.50"
        ),
        Column(key="note", header="备注", kind=text(most=64), example="", required=False),
    ),
    make=made,
    notes=("一个班一行。",),
    unique=("no",),
    most_rows=1_000,
)


def a_csv(*rows, headers=HEADERS):
    return "\n".join(",".join(str(cell) for cell in row) for row in (headers, *rows)) + "\n"


def a_workbook(*rows, headers=HEADERS, name="班级", change=None):
    book = openpyxl.Workbook()
    page = book.active
    page.title = name
    for row in (headers, *rows):
        page.append(list(row))
    if change is not None:
        change(page)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(content, sheet=CLASSES):
    data = content.encode() if isinstance(content, str) else content
    return list(read_sheet(io.BytesIO(data), sheet))


def items(content, sheet=CLASSES):
    found = read(content, sheet)
    assert [one for one in found if not isinstance(one, Good)] == []
    return [one.item for one in found]


def errors(content, sheet=CLASSES):
    """Every error of a file as its cell and its reason."""
    return [
        (error.at, error.reason)
        for one in read(content, sheet)
        if not isinstance(one, Good)
        for error in one.errors
    ]


def with_cell(header, value):
    """A right row but for one cell."""
    return tuple(value if at == HEADERS.index(header) else cell for at, cell in enumerate(RIGHT))
