"""The 验收报告 of a run as a document to be signed on paper."""

from pathlib import Path
from typing import Final

from docx import Document
from docx.document import Document as Paper
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import _Cell

from deploy.bank_kit.result import KIT_VERSION, NAMES, Result
from shared.city_time import CITY_TIME

_FONT: Final = "宋体"
_SIGNERS: Final = ("报送银行", "市金融办", "市人民银行")
_WIDTHS: Final = (Cm(1.5), Cm(4.5), Cm(4), Cm(5), Cm(1.8))
_SIGNATURE: Final = "签字：________________    盖章：________________    日期：____年__月__日"


def write(result: Result, file: Path) -> None:
    """Write the report of a run."""
    paper = Document()
    _in_chinese(paper)
    paper.add_heading("预收费资金监管 银行接口验收报告", level=1)
    _facts(paper, result)
    paper.add_heading("检验结果", level=2)
    _cases(paper, result)
    paper.add_heading("签署", level=2)
    for signer in _SIGNERS:
        paper.add_paragraph(signer)
        paper.add_paragraph(_SIGNATURE)
    paper.save(str(file))


def _in_chinese(paper: Paper) -> None:
    """Give Chinese text a font: without one each reader of the file chooses another."""
    style = paper.styles["Normal"]
    style.font.name = _FONT
    style.font.size = Pt(9)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)


def _facts(paper: Paper, result: Result) -> None:
    plan = result.plan
    totals = "，".join(f"{NAMES[name]} {count} 项" for name, count in result.totals.items())
    facts = (
        ("银行代码", plan.bank),
        ("接口地址", plan.url),
        ("检验时间", f"{result.at.astimezone(CITY_TIME):%Y-%m-%d %H:%M}（北京时间）"),
        ("业务日", plan.day.isoformat()),
        ("交易标识字段", "流水号" + "".join(f"、{name}" for name in plan.identity_fields)),
        ("运行编号", plan.run),
        ("版本", f"接口 {result.service_version}，检验工具 {KIT_VERSION}"),
        ("合计", totals),
        ("结论", "全部所做检验通过" if result.passed else "未通过"),
        ("结果文件摘要", result.digest),
    )
    grid = paper.add_table(rows=0, cols=2, style="Table Grid")
    for name, value in facts:
        cells = grid.add_row().cells
        cells[0].text, cells[1].text = name, value


def _cases(paper: Paper, result: Result) -> None:
    grid = paper.add_table(rows=1, cols=len(_WIDTHS), style="Table Grid")
    rows = [("编号", "检验", "应为", "所见", "结果")]
    rows += [
        (case.number, case.shows, case.expected, case.seen, NAMES[case.outcome])
        for case in result.cases
    ]
    for row in rows[1:]:
        _fill(grid.add_row().cells, row)
    _fill(grid.rows[0].cells, rows[0])


def _fill(cells: tuple[_Cell, ...], texts: tuple[str, ...]) -> None:
    for cell, text, width in zip(cells, texts, _WIDTHS, strict=True):
        cell.width = width
        cell.text = text
