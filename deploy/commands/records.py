"""What was kept is examined: the audit chain, the books, the messages of a day."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy.commands.asking import (
    the_stack,
)
from deploy.console import console
from deploy.local import audit as audits
from deploy.local import books as bookkeeping
from deploy.local import recheck as rechecking
from deploy.local.problem import StackProblem
from deploy.proof import command as proof_command
from shared.messaging.permissions import SERVICES

app = typer.Typer()
audit = typer.Typer(no_args_is_help=True, help="审计链。")
app.add_typer(audit, name="audit")
books = typer.Typer(no_args_is_help=True, help="账簿。")
app.add_typer(books, name="books")


@audit.command("verify", help="重新计算审计链，并与另两个服务和消息总线所存的锚点核对。")
def audit_verify(
    *,
    service: Annotated[str | None, typer.Option(help="只核对这个服务")] = None,
    mongo_url: Annotated[
        str | None, typer.Option(help="核对别处的 MongoDB（地址中带账号）；不核对消息总线")
    ] = None,
) -> None:
    """Walk the audit chains anew; exit 1 when anything differs."""
    if service is not None and service not in SERVICES:
        raise StackProblem(f"没有 {service} 这个服务，可用：{' '.join(SERVICES)}")
    services = SERVICES if service is None else (service,)
    if mongo_url is None:
        report = asyncio.run(audits.verify_stack(the_stack(), services=services))
    else:
        report = asyncio.run(audits.verify_elsewhere(mongo_url, services=services))
    for line in report.lines():
        print(line)
    if report.differences:
        raise typer.Exit(1)


@books.command("verify", help="按分录重新计算全部余额，并核对每日日结的哈希。")
def books_verify(
    *,
    mongo_url: Annotated[
        str | None, typer.Option(help="核对别处的 MongoDB（地址中带账号）")
    ] = None,
) -> None:
    """Count the books again; exit 1 when anything differs."""
    if mongo_url is None:
        report = asyncio.run(bookkeeping.verify_stack(the_stack()))
    else:
        report = asyncio.run(bookkeeping.verify_elsewhere(mongo_url))
    for line in bookkeeping.lines(report):
        print(line)
    if report.differences:
        raise typer.Exit(1)


@app.command(help="按各日当时的规定重新判断课程：Parquet 文件中的，或已备案的全部现行课表。")
def recheck(
    file: Annotated[
        Path | None,
        typer.Argument(help="Parquet 文件，列见 services/schedule_monitor/domain/bulk.py"),
    ] = None,
    *,
    findings: Annotated[
        Path | None, typer.Option(help="把逐条发现写入这个 Parquet 文件（须给出课程文件）")
    ] = None,
    mongo_url: Annotated[
        str | None, typer.Option(help="用别处的 MongoDB 中的校历（地址中带账号）")
    ] = None,
) -> None:
    """Judge classes again by the law of their day; nothing of the service changes."""
    if findings is not None and file is None:
        raise StackProblem("--findings 须与课程文件一起使用：现行课表的发现在预警中")
    if findings is not None and not findings.parent.is_dir():
        raise StackProblem(f"--findings 的文件夹不存在：{findings.parent}")
    if mongo_url is None:
        found = asyncio.run(rechecking.recheck_stack(the_stack(), file=file, findings=findings))
    else:
        found = asyncio.run(rechecking.recheck_elsewhere(mongo_url, file=file, findings=findings))
    for line in rechecking.lines(found):
        print(line)


@app.command(help="证明某一天没有丢失任何消息；有缺口时逐条列出，退出码为 1。")
def proof(
    *,
    day: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="消息入流的日期，按机器时钟的北京时间")
    ],
    json_file: Annotated[Path | None, typer.Option("--json", help="把结果写入这个文件")] = None,
) -> None:
    """Prove that nothing of a day was lost."""
    sound = proof_command.proof(the_stack(), day=day.date(), json_file=json_file, console=console())
    raise typer.Exit(0 if sound else 1)
