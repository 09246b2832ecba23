"""The tables at the end of the demo, for a department head: Chinese, with English in small."""

from collections.abc import Mapping, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from deploy.demo.showing.city_figures import CityFigures
from deploy.demo.showing.report_watched import (
    held_table,
    leads_table,
    sessions_table,
    sightings_table,
)
from deploy.demo.showing.report_worst import LEVELS, AlertJson, worst_table

_OUTCOMES = (
    ("accepted", "已受理", "以下三项之和"),
    ("posted", "　已入账", "每笔只入账一次"),
    ("parked", "　暂挂", "账户未开立，或被冲正的原交易未到"),
    ("set_aside", "　搁置", "与已入账的交易矛盾，永远不能入账"),
    ("refused", "已退回", "格式不合要求，等银行更正"),
    ("conflict", "同号异文", "流水号相同而内容不同，已留证"),
    ("duplicate", "重复报送", "已识别，未重复入账"),
)
_SERVICES = {
    "registry": "机构登记",
    "schedule_monitor": "课程监测",
    "fund_monitor": "资金监管",
    "ads_watch": "广告监测",
}


def show(
    console: Console,
    figures: CityFigures,
    alerts: Sequence[AlertJson],
    *,
    names: Mapping[str, str],
    nothing_new: bool,
) -> None:
    """Print what the demo came to."""
    titles = {each["rule"]: str(each["title"]) for each in alerts}
    console.print()
    console.print(_events_table(figures))
    console.print(sessions_table(figures.sessions, titles))
    console.print(held_table(figures.held))
    console.print(sightings_table(figures.sightings))
    console.print(leads_table(figures.leads, {**titles, **names}))
    console.print(_alerts_table(figures, names))
    console.print(worst_table(alerts, names))
    console.print(_ledger_line(figures))
    if nothing_new:
        console.print(Text("没有新事件：数据与上次运行相同。 nothing new", style="bold cyan"))


def _label(chinese: str, english: str) -> Text:
    return Text.assemble(chinese, " ", (english, "dim"))


def _events_table(figures: CityFigures) -> RenderableType:
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


def _alerts_table(figures: CityFigures, names: Mapping[str, str]) -> RenderableType:
    table = Table(
        title="六、各部门收到的预警（红 / 黄） alerts by department (red / yellow)",
        title_justify="left",
    )
    table.add_column("部门")
    for code, chinese in _SERVICES.items():
        table.add_column(Text.assemble(chinese, "\n", (code, "dim")), justify="right")
    table.add_column(Text.assemble("合计\n", ("all", "dim")), justify="right")
    by_service = figures.alerts_by_service
    for code in sorted({code for theirs in by_service.values() for code in theirs}):
        counts = [by_service[service].get(code, {}) for service in _SERVICES]
        total = {level: sum(each.get(level, 0) for each in counts) for level in LEVELS}
        cells = [_red_and_yellow(each) for each in (*counts, total)]
        table.add_row(_label(names.get(code, code), code), *cells)
    return table


def _red_and_yellow(counts: Mapping[str, int]) -> Text:
    if not any(counts.values()):
        return Text("–", style="dim")
    red, yellow = ((f"{counts.get(level, 0):,}", style) for level, (_, style) in LEVELS.items())
    return Text.assemble(red, " / ", yellow)


def _ledger_line(figures: CityFigures) -> Text:
    ledger = figures.ledger
    size = f"八、账本：{ledger['accounts']:,} 个账户，{ledger['entries']:,} 条分录，"
    if ledger["balanced"]:
        return Text.assemble(size, ("借贷平衡，分毫不差", "bold green"), (" balanced", "dim"))
    return Text.assemble(size, ("借贷不平，请立即核查", "bold red"), (" not balanced", "dim"))
