"""The bank interface as a document for Word."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.styles.style import ParagraphStyle
from docx.table import _Row

from deploy.bank_interface.blocks import Block, Code, Heading, Said, Table

_FONT: Final = "宋体"
_HEADING_FONT: Final = "黑体"
_CODE_FONT: Final = "Courier New"
_LEVELS: Final = (1, 2, 3)
_SIZE: Final = Pt(9)


def write(blocks: Iterable[Block], file: Path) -> None:
    """Write blocks as a document of real headings and tables."""
    paper = Document()
    _lay_across(paper)
    _in_chinese(paper)
    for block in blocks:
        _add(paper, block)
    paper.save(str(file))


def _lay_across(paper: Paper) -> None:
    """Turn the page: seven columns do not fit an upright one."""
    section = paper.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width


def _in_chinese(paper: Paper) -> None:
    """Name a font for Chinese text in each style: Word does not take the Latin one for it."""
    _font(paper, "Normal", _FONT)
    for level in _LEVELS:
        _font(paper, f"Heading {level}", _HEADING_FONT)
    style = paper.styles["Normal"]
    assert isinstance(style, ParagraphStyle)  # noqa: S101 - so that the type is known
    style.font.size = _SIZE


def _font(paper: Paper, style: str, font: str) -> None:
    fonts = paper.styles[style].element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia"):
        fonts.set(qn(script), font)
    # A theme's font would win over the one that is named.
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme"):
        fonts.attrib.pop(qn(theme), None)


def _add(paper: Paper, block: Block) -> None:
    match block:
        case Heading(level, text):
            paper.add_heading(text, level=level)
        case Said(chinese, english):
            paper.add_paragraph(_plain(chinese))
            paper.add_paragraph().add_run(_plain(english)).italic = True
        case Code(_, text):
            paper.add_paragraph().add_run(text).font.name = _CODE_FONT
        case Table(header, rows):
            _table(paper, header, rows)


def _table(paper: Paper, header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    grid = paper.add_table(rows=1 + len(rows), cols=len(header), style="Table Grid")
    # Asking the table for its cells row by row would walk all of it each time.
    for row, texts in zip(list(grid.rows), (header, *rows), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = _plain(text)
    _repeat(grid.rows[0])
    for cell in grid.rows[0].cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True
    paper.add_paragraph()


def _repeat(row: _Row) -> None:
    """Let a row stand at the head of every page that its table reaches."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - python-docx has no word for it


def _plain(text: str) -> str:
    return text.replace("`", "").replace("**", "")
