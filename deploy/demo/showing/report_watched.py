"""The tables of classes planned and held, of advertisements, and of leads handed on."""

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
_HELD = (
    ("held", "实际上课", "平台、机构报送和镇（街道）现场检查，各记各的"),
    ("lawful", "　合规", ""),
    ("unlawful", "　违规", "时间、日期等规定，按实际上课判断"),
    ("calendar_incomplete", "　缺校历", "校历或学校作息未载入，不作判断"),
)
_DIFFERING = (
    ("held_unlawful", "　已判违规仍上课", "备案时已判为违规的课"),
    ("held_unfiled", "　未备案", "当天没有与之对应的备案课"),
    ("held_cancelled", "　已撤销仍上课", ""),
    ("held_moved", "　改时", "比备案早或晚10分钟以上"),
    ("held_overran", "　拖堂", "超过备案结束时间10分钟以上"),
    ("unapproved_site", "　无许可地点", "转机构登记，与无证办学线索一并处理"),
)
_ARRIVED = (
    ("told_again", "重复或更正", "已识别，同一节课只记一次"),
    ("refused", "已退回", "填报不合要求，或与已报内容矛盾"),
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


def held_table(held: Figures) -> RenderableType:
    """Return what was held, as it was told, beside what was filed."""
    table = _table("三、实际上课结果 held sessions", "结果", "课次", "说明")
    _fill(table, _HELD, held)
    table.add_section()
    _fill(table, _DIFFERING, held)
    table.add_section()
    _fill(table, _ARRIVED, held)
    table.add_row(_label("报送合计", "sent"), f"{held['sent']:,}", "")
    return table


def sightings_table(sightings: Figures) -> RenderableType:
    """Return what became of the advertisements that were reported."""
    table = _table("四、广告巡查结果 sightings", "结果", "则数", "说明")
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
    table = _table("五、线索移送 leads by department", "现由谁办理", *(name for _, name in _STATES))
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
