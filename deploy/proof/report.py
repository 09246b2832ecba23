"""A proof as a person reads it: one table, then every gap by name."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.proof.check import Check, Named
from deploy.proof.proof import Proof
from shared.city_time import CITY_TIME

_KINDS = (("缺口", "gaps", "bold red"), ("重发", "repeats", "yellow"), ("在途", "pending", "dim"))


def show(console: Console, proof: Proof) -> None:
    """Print the table, what was found, and the verdict."""
    console.print(_table(proof))
    for kind, field, style in _KINDS:
        for check in proof.checks:
            for line in _lines(check, getattr(check, field)):
                console.print(Text(f"{kind}｜{line}", style=style))
    console.print(_verdict(proof))


def _table(proof: Proof) -> Table:
    day = proof.day
    hours = f"{_time(day.start)} 至 {_time(day.end)}"
    table = Table(
        title=f"{day.day} 无丢失证明（按机器时钟，消息入流时间 {hours}）", title_justify="left"
    )
    table.add_column("核对项", overflow="fold")
    for header in ("已核对", "在途", "重发", "缺口"):
        table.add_column(header, justify="right")
    for check in proof.checks:
        gaps = Text(f"{check.gaps.count:,}", style="bold red" if check.gaps.count else "green")
        numbers = (check.checked, check.pending.count, check.repeats.count)
        table.add_row(check.title, *(f"{number:,}" for number in numbers), gaps)
    return table


def _lines(check: Check, named: Named) -> Iterator[str]:
    for line in named.first:
        yield f"{check.title}｜{line}"
    if named.count > len(named.first):
        yield f"{check.title}｜另有 {named.count - len(named.first):,} 处未列出"


def _verdict(proof: Proof) -> Text:
    if proof.gaps:
        return Text(f"✗ 共 {proof.gaps:,} 处缺口，请立即核查", style="bold red")
    if proof.pending or not proof.day_is_over:
        return Text("✓ 目前没有缺口；在途的或当天之后到达的，请稍后再核对", style="bold green")
    return Text("✓ 没有缺口：收到的都已处理，发出的都已到达", style="bold green")


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(CITY_TIME):%m-%d %H:%M}"
