"""The table of the institutions with the gravest alerts, whichever service raised them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

LEVELS = {"red": ("红色", "bold red"), "yellow": ("黄色", "yellow")}
_WORST = 12
_REASONS = 4
_ABOUTS = ("institution", "account", "advertiser")
# What is not law is never shown as law.
_STANDING = {"P": "（建议指标，非法律规定）", "G": "（出处待核实，不作法律依据）"}

AlertJson = Mapping[str, Any]


def worst_table(alerts: Sequence[AlertJson], names: Mapping[str, str]) -> RenderableType:
    """Return the worst first, with every reason and its article."""
    table = Table(title="七、问题最重的机构 worst institutions", title_justify="left")
    table.add_column("机构、账户或广告主", ratio=2)
    table.add_column("级别")
    table.add_column("原因与依据", ratio=5)
    table.show_lines = True
    for name, theirs in _worst(alerts, names):
        level, style = LEVELS["red" if _count(theirs, "red") else "yellow"]
        table.add_row(name, Text(level, style=style), Group(*_reasons(theirs)))
    return table


def _worst(
    alerts: Sequence[AlertJson], names: Mapping[str, str]
) -> list[tuple[str, list[AlertJson]]]:
    by_name: dict[str, list[AlertJson]] = defaultdict(list)
    for alert in alerts:
        about = alert["about"]
        if about["kind"] in _ABOUTS:
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
    for alert in sorted(alerts, key=lambda each: (each["level"] != "red", str(each["window"]))):
        by_rule[alert["rule"]].append(alert)
    reasons = [_reason(theirs) for theirs in by_rule.values()]
    left = len(reasons) - _REASONS
    return [*reasons[:_REASONS], *([Text(f"另有 {left} 项", style="dim")] if left > 0 else [])]


def _reason(alerts: Sequence[AlertJson]) -> Text:
    worst = max(alerts, key=lambda each: (each["level"] == "red", str(each["window"])))
    windows = "、".join(sorted(str(each["window"]) for each in alerts))
    return Text.assemble(
        (worst["title"], "bold"),
        f"（{windows}）：{worst['message']}",
        (f"\n依据：{worst['article']}{_STANDING.get(worst['origin'], '')}", "dim"),
        overflow="fold",
    )
