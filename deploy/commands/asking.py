"""What several commands ask for: their options, the stack they mean, and how they answer."""

import json
import sys
from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from deploy.console import console
from deploy.local import running, sandbox
from deploy.local.layout import Layout
from deploy.local.problem import StackProblem
from deploy.local.stack import Stack, attached
from shared.duties.departments import ALL_CODES, is_known
from shared.messaging.permissions import SERVICES

PortBase = Annotated[int, typer.Option(min=1024, max=65500, help="六个端口从这里起依次使用")]
AsOf = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="把业务时钟设在这一天 18:00（北京时间）并继续走"),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="先清空 .stack/ 里的数据和密钥")]
InSandbox = Annotated[bool, typer.Option("--sandbox", help="在银行沙箱中")]
SandboxPorts = Annotated[int, typer.Option(min=1024, max=65500, help="沙箱的六个端口从这里起")]
AsJson = Annotated[bool, typer.Option("--json", help="在标准输出打印 JSON")]


def say(line: str) -> None:
    """Tell the person at the terminal, beside the standard output."""
    print(line, file=sys.stderr, flush=True)


def the_stack(*, in_sandbox: bool = False) -> Stack:
    """Return the stack that runs here, or say which command starts it."""
    stack = attached(layout_of(in_sandbox=in_sandbox))
    if stack is None and in_sandbox:
        raise StackProblem("银行沙箱没有在运行：请先执行 ./run sandbox up")
    if stack is None:
        raise StackProblem("本地栈没有在运行：请先执行 ./run up")
    return stack


def layout_of(*, in_sandbox: bool) -> Layout:
    """Return where the stack, or the banks' sandbox, keeps its things."""
    return sandbox.layout() if in_sandbox else Layout()


def check_office(code: str) -> None:
    """Refuse a code that is neither a department's nor a town's."""
    if not is_known(code):
        raise StackProblem(f"没有 {code} 这个部门或镇街代码，可用：{' '.join(ALL_CODES)}")


def day_of(moment: datetime | None) -> date | None:
    """Return the day of an option that was given."""
    return None if moment is None else moment.date()


def show_urls(urls: running.Urls, *, as_json: bool, attended: bool = False) -> None:
    """Show where everything answers, as a table or for a program."""
    if as_json:
        print(json.dumps(urls), flush=True)
        return
    shown = Table(title="本地栈已就绪")
    shown.add_column("名称")
    shown.add_column("地址", overflow="fold")
    for name, url in urls.items():
        shown.add_row(name, f"{url}/docs" if name in SERVICES else url)
    console().print(shown)
    if attended:
        say("按 Ctrl-C 停止")
