"""The bank interface for Word, read back from the file that the command writes."""

import pytest
from docx import Document
from docx.oxml.ns import qn
from typer.testing import CliRunner

from deploy.bank_interface.blocks import Heading, Table
from deploy.bank_interface.document import document
from deploy.commands.__main__ import app

BLOCKS = tuple(document())


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    file = tmp_path_factory.mktemp("paper") / "接口规范.docx"
    done = CliRunner().invoke(app, ["bank-interface", "--docx", str(file)])
    assert done.exit_code == 0, done.output
    return Document(str(file))


def test_headings_are_real_ones(paper):
    shown = [
        (one.style.name, one.text)
        for one in paper.paragraphs
        if one.style.name.startswith("Heading")
    ]

    assert shown == [
        (f"Heading {one.level}", one.text) for one in BLOCKS if isinstance(one, Heading)
    ]


def test_tables_hold_what_the_document_says(paper):
    tables = [one for one in BLOCKS if isinstance(one, Table)]

    assert [len(one.rows) for one in paper.tables] == [1 + len(one.rows) for one in tables]
    # Reading every cell takes python-docx seconds: the first and the last row tell the order.
    for shown, table in zip(paper.tables, tables, strict=True):
        for row, texts in ((0, table.header), (-1, table.rows[-1])):
            expected = [text.replace("`", "") for text in texts]
            assert [cell.text for cell in shown.rows[row].cells] == expected


def test_the_first_row_of_every_table_is_repeated_and_no_other_is(paper):
    for table in paper.element.body.iterchildren(qn("w:tbl")):
        rows = list(table.iterchildren(qn("w:tr")))
        repeated = [row for row in rows if row.find(f".//{qn('w:tblHeader')}") is not None]

        assert repeated == rows[:1]


@pytest.mark.parametrize(
    ("style", "font"), [("Normal", "宋体"), ("Heading 1", "黑体"), ("Heading 3", "黑体")]
)
def test_chinese_text_has_a_font_of_its_own(paper, style, font):
    fonts = paper.styles[style].element.rPr.rFonts

    assert fonts.get(qn("w:eastAsia")) == font
    assert fonts.get(qn("w:eastAsiaTheme")) is None
