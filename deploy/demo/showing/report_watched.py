"""The tables of classes, of advertisements and of the leads that departments handed on."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_SESSIONS = (
    ("filed", "已备案课次", "现行课表中的全部课次"),
    ("lawful", "　合规", ""),
    ("breaching", "　违规", "同一节课可以违反几条规定"),
    ("calendar_incomplete", "　缺校历", "校历或学校作息未载入，不作判断"),
)
_SIGHTINGS = (
    ("recorded", "已记录", "每则广告分别看内容和媒介"),
    ("duplicate", "重复上报", "已识别，未重复移送"),
    ("refused", "已退回", "填报不合要求，等上报部门更正"),
)
_CONTENTS = (
    ("guarantee", "　承诺效果", ""),
    ("subject_training_ad", "　推销学科类培训", ""),
    ("guarantee_and_subject_training_ad", "　两者都有", ""),
    ("nothing_found", "　未见违规用语", ""),
    ("no_advertisement", "　不是广告", "机关、学校的文字"),
)
_PLACEMENTS = (
    ("banned", "　媒介禁止", "内容合规也不得刊登"),
    ("lawful", "　媒介允许", ""),
    ("unknown", "　媒介待核", "没有规则或发布者不明，须人工判断"),
)
_STATES = (("sent", "待签收"), ("accepted", "办理中"), ("answered", "已反馈"))
_OUTCOMES = {
    "penalised": "已处罚",
    "corrected": "已改正",
    "transferred": "已转交",
    "unfounded": "不成立",
}

Rows = Sequence[tuple[str, str, str]]
Figures = Mapping[str, Any]


def sessions_table(sessions: Figures, titles: Mapping[str, str]) -> RenderableType:
    """Return what was found in the timetables of the term."""
    table = _table("二、课表检查结果 sessions", "结果", "课次", "说明")
    _fill(table, _SESSIONS, sessions)
    table.add_section()
    for rule, count in sessions["by_rule"].items():
        table.add_row(_label(titles.get(rule, rule), rule), f"{count:,}", "")
    table.add_section()
    table.add_row(_label("现行课表", "timetables"), f"{sessions['timetables']:,}", "每家机构一份")
    return table


def sightings_table(sightings: Figures) -> RenderableType:
    """Return what became of the advertisements that were reported."""
    table = _table("三、广告巡查结果 sightings", "结果", "则数", "说明")
    _fill(table, _SIGHTINGS, sightings)
    table.add_section()
    _fill(table, _CONTENTS, sightings["by_content"])
    table.add_section()
    _fill(table, _PLACEMENTS, sightings["by_placement"])
    table.add_section()
    table.add_row(_label("上报合计", "sent"), f"{sightings['sent']:,}", "")
    return table


def leads_table(leads: Figures, names: Mapping[str, str]) -> RenderableType:
    """Return with whom the leads lie and how far they are."""
    table = _table("四、线索移送 leads by department", "现由谁办理", *(name for _, name in _STATES))
    for code, states in leads["by_department"].items():
        table.add_row(
            _label(names.get(code, code), code), *(f"{states[it]:,}" for it, _ in _STATES)
        )
    kinds = "，".join(
        f"{names.get(kind, kind)} {count:,}" for kind, count in leads["by_kind"].items()
    )
    outcomes = "，".join(f"{_OUTCOMES[it]} {count:,}" for it, count in leads["by_outcome"].items())
    returned = f"退回市市场监管局 {leads['returned']:,} 条；反馈：{outcomes}"
    return Group(table, Text(f"移送合计 {leads['sent']:,} 条：{kinds}"), Text(returned))


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="left" if name == "说明" else "right")
    return table


def _fill(table: Table, rows: Rows, figures: Figures) -> None:
    for code, chinese, meaning in rows:
        table.add_row(_label(chinese, code), f"{figures[code]:,}", meaning)


def _label(chinese: str, english: str) -> Text:
    return Text.assemble(chinese, " ", (english, "dim"))
