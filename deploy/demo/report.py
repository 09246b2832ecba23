"""The tables at the end of the demo, for a department head: Chinese, with English in small."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from deploy.demo.figures import Figures

_OUTCOMES = (
    ("accepted", "已受理", "以下三项之和"),
    ("posted", "　已入账", "每笔只入账一次"),
    ("parked", "　暂挂", "账户未开立，或被冲正的原交易未到"),
    ("set_aside", "　搁置", "与已入账的交易矛盾，永远不能入账"),
    ("refused", "已退回", "格式不合要求，等银行更正"),
    ("conflict", "同号异文", "流水号相同而内容不同，已留证"),
    ("duplicate", "重复报送", "已识别，未重复入账"),
)
_LEVELS = {"red": ("红色", "bold red"), "yellow": ("黄色", "yellow")}
_WORST = 12
_INSTITUTIONS = ("institution", "account")
# What is not law is never shown as law.
_STANDING = {"P": "（建议指标，非法律规定）", "G": "（出处待核实，不作法律依据）"}

AlertJson = Mapping[str, Any]


def show(
    console: Console,
    figures: Figures,
    alerts: Sequence[AlertJson],
    *,
    names: Mapping[str, str],
    nothing_new: bool,
) -> None:
    """Print what the demo came to."""
    console.print()
    console.print(_events_table(figures))
    console.print(_alerts_table(figures, names))
    console.print(_worst_table(alerts, names))
    console.print(_ledger_line(figures))
    if nothing_new:
        console.print(Text("没有新事件：数据与上次运行相同。 nothing new", style="bold cyan"))


def _label(chinese: str, english: str) -> Text:
    return Text.assemble(chinese, " ", (english, "dim"))


def _events_table(figures: Figures) -> RenderableType:
    table = Table(title="一、资金事件处理结果 fund events by outcome", title_justify="left")
    table.add_column("结果")
    table.add_column("笔数", justify="right")
    table.add_column("说明")
    for code, chinese, meaning in _OUTCOMES:
        table.add_row(_label(chinese, code), f"{figures.events[code]:,}", meaning)
    sent = sum(figures.events[code] for code in ("accepted", "refused", "conflict", "duplicate"))
    table.add_section()
    table.add_row(_label("报送合计", "sent"), f"{sent:,}", "")
    return table


def _alerts_table(figures: Figures, names: Mapping[str, str]) -> RenderableType:
    table = Table(title="二、各部门收到的预警 alerts by department", title_justify="left")
    table.add_column("部门")
    for name, style in _LEVELS.values():
        table.add_column(name, justify="right", style=style)
    for code, levels in figures.alerts.items():
        counts = (f"{levels.get(level, 0):,}" for level in _LEVELS)
        table.add_row(_label(names.get(code, code), code), *counts)
    return table


def _worst_table(alerts: Sequence[AlertJson], names: Mapping[str, str]) -> RenderableType:
    table = Table(title="三、问题最重的机构 worst institutions", title_justify="left")
    table.add_column("机构或账户", ratio=2)
    table.add_column("级别")
    table.add_column("原因与依据", ratio=5)
    table.show_lines = True
    for name, theirs in _worst(alerts, names):
        level, style = _LEVELS["red" if _count(theirs, "red") else "yellow"]
        table.add_row(name, Text(level, style=style), Group(*_reasons(theirs)))
    return table


def _worst(
    alerts: Sequence[AlertJson], names: Mapping[str, str]
) -> list[tuple[str, list[AlertJson]]]:
    by_name: dict[str, list[AlertJson]] = defaultdict(list)
    for alert in alerts:
        about = alert["about"]
        if about["kind"] in _INSTITUTIONS:
            by_name[names.get(about["id"], about["name"])].append(alert)
    ranked = sorted(
        by_name.items(),
        key=lambda each: (-_count(each[1], "red"), -_count(each[1], "yellow"), each[0]),
    )
    return ranked[:_WORST]


def _count(alerts: Iterable[AlertJson], level: str) -> int:
    return sum(alert["level"] == level for alert in alerts)


def _reasons(alerts: Sequence[AlertJson]) -> list[Text]:
    by_rule: dict[str, list[AlertJson]] = defaultdict(list)
    for alert in sorted(alerts, key=lambda each: str(each["window"])):
        by_rule[alert["rule"]].append(alert)
    return [_reason(theirs) for theirs in by_rule.values()]


def _reason(alerts: Sequence[AlertJson]) -> Text:
    worst = max(alerts, key=lambda each: (each["level"] == "red", str(each["window"])))
    windows = "、".join(str(each["window"]) for each in alerts)
    return Text.assemble(
        (worst["title"], "bold"),
        f"（{windows}）：{worst['message']}",
        (f"\n依据：{worst['article']}{_STANDING.get(worst['origin'], '')}", "dim"),
        overflow="fold",
    )


def _ledger_line(figures: Figures) -> Text:
    ledger = figures.ledger
    size = f"四、账本：{ledger['accounts']:,} 个账户，{ledger['entries']:,} 条分录，"
    if ledger["balanced"]:
        return Text.assemble(size, ("借贷平衡，分毫不差", "bold green"), (" balanced", "dim"))
    return Text.assemble(size, ("借贷不平，请立即核查", "bold red"), (" not balanced", "dim"))
