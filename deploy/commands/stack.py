"""The local stack: up, down, who runs, tokens, and the inbox of a department."""

import asyncio
import json
from typing import Annotated

import typer
from rich.table import Table

from deploy.commands.asking import (
    AsJson,
    AsOf,
    Fresh,
    InSandbox,
    PortBase,
    check_office,
    day_of,
    layout_of,
    say,
    show_urls,
    the_stack,
)
from deploy.console import console
from deploy.containers import secrets as container_secrets
from deploy.kit import kit as kits
from deploy.local import ending, running
from deploy.local import inbox as inboxes
from deploy.local import status as statuses
from deploy.local.bearers import Bearer
from deploy.local.issuer import Issuer
from deploy.local.keys import Keys
from deploy.local.options import Options
from deploy.local.ports import DEFAULT_BASE
from shared.access.tokens import ROLES

app = typer.Typer()

_NOT_RUNNING = 3


@app.command(help="启动本地栈：nats-server、mongod 和四个服务。")
def up(  # noqa: PLR0913  (one argument per option of the command line)
    *,
    detach: Annotated[bool, typer.Option("--detach", help="就绪后留在后台")] = False,
    fresh: Fresh = False,
    port_base: PortBase = DEFAULT_BASE,
    as_of: AsOf = None,
    as_json: AsJson = False,
    nats_url: Annotated[str | None, typer.Option(help="使用别处的 nats-server")] = None,
    mongo_url: Annotated[str | None, typer.Option(help="使用别处的 MongoDB 复制集")] = None,
    docker: Annotated[bool, typer.Option("--docker", help="两台服务器用 Docker 运行")] = False,
) -> None:
    """Bring the local stack up."""
    options = Options(
        fresh=fresh,
        port_base=port_base,
        as_of=day_of(as_of),
        nats_url=nats_url,
        mongo_url=mongo_url,
        docker=docker,
    )
    if detach:
        show_urls(running.detached(options, say=say), as_json=as_json)
        return
    running.interruptible(
        lambda: running.hold(
            options, say=say, ready=lambda urls: show_urls(urls, as_json=as_json, attended=True)
        ),
        say=say,
    )


@app.command(help="停止本地栈的全部进程，只停它自己启动的。")
def down() -> None:
    """Take the local stack down."""
    ending.down(say=say)


@app.command(help="列出本地栈的进程：名称、进程号、端口、是否就绪。")
def status(*, as_json: AsJson = False) -> None:
    """Show what runs and whether it works."""
    found = asyncio.run(statuses.look())
    if as_json:
        print(json.dumps([one.as_json() for one in found]))
    elif found:
        console().print(_status_table(found))
    if not found:
        say("本地栈没有在运行：用 ./run up 启动")
        raise typer.Exit(_NOT_RUNNING)


@app.command(help="签发一个本地令牌：角色由所填的对象得出，管理员用 --role。")
def token(  # noqa: PLR0913  (one argument per option of the command line)
    *,
    role: Annotated[str | None, typer.Option(help=f"角色：{' '.join(ROLES)}")] = None,
    department: Annotated[str | None, typer.Option(help="部门代码")] = None,
    town: Annotated[str | None, typer.Option(help="镇街代码")] = None,
    institution: Annotated[str | None, typer.Option(help="机构编号")] = None,
    bank_code: Annotated[str | None, typer.Option("--bank", help="银行代码")] = None,
    platform: Annotated[str | None, typer.Option(help="平台代码")] = None,
    scope: Annotated[str | None, typer.Option(help="只给这些权限，空格分隔")] = None,
    subject: Annotated[str | None, typer.Option(help="持有人，写入 sub")] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 31, help="有效小时数")] = 12,
    containers: Annotated[
        bool, typer.Option("--containers", help="用 docker compose 那座城市的密钥签发")
    ] = False,
    in_sandbox: InSandbox = False,
) -> None:
    """Print a token of the stack's own issuer, or of the containers'."""
    bearer = Bearer(
        role=role,
        department=department,
        town=town,
        institution=institution,
        bank=bank_code,
        platform=platform,
        scope=scope,
        subject=subject,
    )
    issuer = (
        container_secrets.issuer()
        if containers
        else Issuer(Keys(layout_of(in_sandbox=in_sandbox).keys).issuer_key)
    )
    print(issuer.token(**bearer.claims(), hours=hours))


@app.command(help="把四个服务的预警合并成一张表。")
def inbox(
    *, department: Annotated[str, typer.Option(help="部门或镇街代码")], as_json: AsJson = False
) -> None:
    """Merge the services' inboxes for one department."""
    check_office(department)
    found = asyncio.run(inboxes.read(the_stack(), department=department))
    if as_json:
        print(json.dumps(found.alerts, ensure_ascii=False))
    else:
        console().print(inboxes.table(found.alerts, department=department))
    for service in found.silent:
        say(f"没有应答：{service}")
    if found.silent:
        raise typer.Exit(1)


@app.command(
    "department-kit", help="出示并检验一个部门或镇街的接入：凭据、消费者、权限和各服务的接口。"
)
def department_kit(
    *, department: Annotated[str, typer.Option(help="部门或镇街代码")], as_json: AsJson = False
) -> None:
    """Show a department's access and try it."""
    check_office(department)
    kit = asyncio.run(kits.examine(the_stack(), department))
    if as_json:
        print(json.dumps(kit.as_json(), ensure_ascii=False))
    else:
        for table in kits.tables(kit):
            console().print(table)
    if not kit.ok:
        raise typer.Exit(1)


def _status_table(found: tuple[statuses.Status, ...]) -> Table:
    shown = Table()
    for header in ("名称", "进程号", "端口", "就绪", "重启次数"):
        shown.add_column(header)
    for one in found:
        process = one.process
        shown.add_row(
            process.name,
            str(process.pid or "-"),
            str(process.port or "-"),
            "是" if one.ready else "否",
            str(process.restarts),
        )
    return shown
