"""The list of commands behind ``./run``; each is one thin function, the work is in modules."""

import asyncio
import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from deploy import locking, tools
from deploy.bank_interface import paper
from deploy.bank_interface.document import document
from deploy.bank_kit import command as bank_kits
from deploy.console import console
from deploy.containers import secrets as container_secrets
from deploy.demo import command as demo_command
from deploy.demo.acting.doors import DemoFailed
from deploy.kit import kit as kits
from deploy.local import audit as audits
from deploy.local import banks, ending, running, sandbox
from deploy.local import books as bookkeeping
from deploy.local import inbox as inboxes
from deploy.local import status as statuses
from deploy.local.bearers import Bearer
from deploy.local.issuer import Issuer
from deploy.local.keys import Keys
from deploy.local.layout import Layout
from deploy.local.options import Options
from deploy.local.ports import DEFAULT_BASE
from deploy.local.problem import StackProblem
from deploy.local.stack import Stack, attached
from deploy.proof import command as proof_command
from shared.access.tokens import ROLES
from shared.duties.departments import ALL_CODES, is_known
from shared.messaging.permissions import SERVICES

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="海宁市校外培训监管套件：本地运行、演示与检查。",
)
bank = typer.Typer(no_args_is_help=True, help="银行接入。")
app.add_typer(bank, name="bank")
sandboxes = typer.Typer(
    no_args_is_help=True, help="银行沙箱：另有自己的数据、密钥和端口的 fund_monitor。"
)
app.add_typer(sandboxes, name="sandbox")
audit = typer.Typer(no_args_is_help=True, help="审计链。")
app.add_typer(audit, name="audit")
books = typer.Typer(no_args_is_help=True, help="账簿。")
app.add_typer(books, name="books")

_INTERRUPTED = 130
# Whatever follows ``./run test``, ``bench`` and ``fuzz`` belongs to them, ``--help`` included.
_FOR_ANOTHER = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],
}
_NOT_RUNNING = 3

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
        as_of=_day(as_of),
        nats_url=nats_url,
        mongo_url=mongo_url,
        docker=docker,
    )
    if detach:
        _show_urls(running.detached(options, say=say), as_json=as_json)
        return
    running.interruptible(
        lambda: running.hold(
            options, say=say, ready=lambda urls: _show_urls(urls, as_json=as_json, attended=True)
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
        else Issuer(Keys(_layout(in_sandbox=in_sandbox).keys).issuer_key)
    )
    print(issuer.token(**bearer.claims(), hours=hours))


@bank.command("add", help="新建一家银行，并打印一次它的签名密钥。")
def bank_add(
    code: str,
    *,
    name: Annotated[str | None, typer.Option(help="银行名称")] = None,
    identity_fields: Annotated[
        str, typer.Option(help="身份字段，逗号分隔：booked_on,entry_no")
    ] = "",
    in_sandbox: InSandbox = False,
) -> None:
    """Make a bank and print its signing secret, once."""
    fields = [field.strip() for field in identity_fields.split(",") if field.strip()]
    print(banks.add(_stack(in_sandbox=in_sandbox), code=code, name=name, identity_fields=fields))


@bank.command("rotate", help="换发银行的签名密钥并打印一次；旧密钥在所述小时内继续有效。")
def bank_rotate(
    code: str,
    *,
    keep_hours: Annotated[int, typer.Option(min=0, max=168, help="旧密钥继续有效的小时数")] = 24,
) -> None:
    """Make a bank's next signing secret and print it, once."""
    made = banks.rotate(_stack(), code=code, keep_hours=keep_hours)
    print(made["secret"])
    until = made["previous_valid_until"]
    say(f"旧密钥有效至 {until}" if until else "旧密钥已失效")


@app.command(help="把四个服务的预警合并成一张表。")
def inbox(
    *, department: Annotated[str, typer.Option(help="部门或镇街代码")], as_json: AsJson = False
) -> None:
    """Merge the services' inboxes for one department."""
    _check_code(department)
    found = asyncio.run(inboxes.read(_stack(), department=department))
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
    _check_code(department)
    kit = asyncio.run(kits.examine(_stack(), department))
    if as_json:
        print(json.dumps(kit.as_json(), ensure_ascii=False))
    else:
        for table in kits.tables(kit):
            console().print(table)
    if not kit.ok:
        raise typer.Exit(1)


@app.command(
    "bank-kit", help="以一家银行的身份检验报送接口：编号用例、一致性表和可签字的验收报告。"
)
def bank_kit(  # noqa: PLR0913  (one argument per option of the command line)
    *,
    url: Annotated[str, typer.Option(help="fund_monitor 的地址")],
    bank_code: Annotated[str, typer.Option("--bank", help="银行代码")],
    secret_file: Annotated[Path, typer.Option(help="签名密钥所在文件；更换密钥后写回")],
    token_file: Annotated[
        Path | None, typer.Option(help="银行查询令牌所在文件；本地栈可以不给")
    ] = None,
    admin_token_file: Annotated[
        Path | None, typer.Option(help="银行管理员令牌所在文件；给出才检验换发密钥")
    ] = None,
    identity_fields: Annotated[
        str, typer.Option(help="银行声明过的身份字段，逗号分隔：booked_on,entry_no")
    ] = "",
    institution_code: Annotated[
        str | None, typer.Option(help="开户事件使用的统一社会信用代码")
    ] = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="业务日，默认三天前")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="把结果写入这个文件")] = None,
    report_file: Annotated[
        Path | None, typer.Option("--report", help="把验收报告（DOCX）写入这个文件")
    ] = None,
) -> None:
    """Try a bank's interface case by case; exit 1 when one fails."""
    asked = bank_kits.Asked(
        url=url,
        bank=bank_code,
        secret_file=secret_file,
        token_file=token_file,
        admin_token_file=admin_token_file,
        identity_fields=tuple(one.strip() for one in identity_fields.split(",") if one.strip()),
        institution_code=institution_code,
        day=_day(day),
        json_file=json_file,
        report_file=report_file,
    )
    here = (attached(layout) for layout in (Layout(), sandbox.layout()))
    stacks = tuple(stack for stack in here if stack is not None)
    if not bank_kits.bank_kit(asked, stacks=stacks, console=console()):
        raise typer.Exit(1)


@sandboxes.command("up", help="在后台启动银行沙箱，保留其中已有的数据。")
def sandbox_up(*, port_base: SandboxPorts = sandbox.PORT_BASE, as_json: AsJson = False) -> None:
    """Start the banks' sandbox."""
    _show_urls(sandbox.up(port_base=port_base, say=say), as_json=as_json)


@sandboxes.command("reset", help="清空银行沙箱（数据和密钥）并重新启动；不影响本地栈。")
def sandbox_reset(*, port_base: SandboxPorts = sandbox.PORT_BASE, as_json: AsJson = False) -> None:
    """Start the banks' sandbox empty."""
    _show_urls(sandbox.reset(port_base=port_base, say=say), as_json=as_json)


@sandboxes.command("down", help="停止银行沙箱。")
def sandbox_down() -> None:
    """Stop the banks' sandbox."""
    sandbox.down(say=say)


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
        report = asyncio.run(audits.verify_stack(_stack(), services=services))
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
        report = asyncio.run(bookkeeping.verify_stack(_stack()))
    else:
        report = asyncio.run(bookkeeping.verify_elsewhere(mongo_url))
    for line in bookkeeping.lines(report):
        print(line)
    if report.differences:
        raise typer.Exit(1)


@app.command(help="用一座样本城市演示主流程。")
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="演示完停止全部进程")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="把结果写入这个文件")] = None,
    seed: Annotated[int, typer.Option(help="样本的种子")] = demo_command.SEED,
    fresh: Fresh = False,
    port_base: PortBase = DEFAULT_BASE,
) -> None:
    """Show the main job on a sample city."""
    options = Options(fresh=fresh, port_base=port_base)
    demo_command.demo(once=once, json_file=json_file, seed=seed, options=options)


@app.command(help="证明某一天没有丢失任何消息；有缺口时逐条列出，退出码为 1。")
def proof(
    *,
    day: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="消息入流的日期，按机器时钟的北京时间")
    ],
    json_file: Annotated[Path | None, typer.Option("--json", help="把结果写入这个文件")] = None,
) -> None:
    """Prove that nothing of a day was lost."""
    sound = proof_command.proof(_stack(), day=day.date(), json_file=json_file, console=console())
    raise typer.Exit(0 if sound else 1)


@app.command(
    context_settings=_FOR_ANOTHER,
    help="运行测试；参数原样交给 pytest。",
)
def test(context: typer.Context) -> None:
    """Run the tests."""
    raise typer.Exit(tools.test(context.args))


@app.command(
    context_settings=_FOR_ANOTHER,
    help="在这台机器上测量：./run bench 名称 [--quick] [--json 文件]。",
)
def bench(context: typer.Context) -> None:
    """Measure on this machine."""
    raise typer.Exit(tools.bench(context.args))


@app.command(
    context_settings=_FOR_ANOTHER,
    help="在自己的栈上模糊测试四个服务：./run fuzz [--minutes N] [--seed S] [--service 名称]。",
)
def fuzz(context: typer.Context) -> None:
    """Ask the services everything."""
    raise typer.Exit(tools.fuzz(context.args))


@app.command(help="检查导入边界、代码风格、类型和契约文档。")
def check() -> None:
    """Run every check of the house."""
    raise typer.Exit(tools.check())


@app.command(help="生成 docs/ 里的 OpenAPI 与 AsyncAPI 文档。")
def contracts(
    *, check: Annotated[bool, typer.Option("--check", help="只比较，不写入")] = False
) -> None:
    """Write the contract documents, or compare them."""
    raise typer.Exit(tools.contracts(check=check))


@app.command("bank-interface", help="把银行接口规范写成 Word 文档（DOCX）。")
def bank_interface(*, docx: Annotated[Path, typer.Option("--docx", help="写入这个文件")]) -> None:
    """Write the bank interface as a document for Word."""
    paper.write(document(), docx)
    say(f"✓ 已写入 {docx}")


@app.command(help="生成 docker-compose.yml 所需的密钥文件（.secrets/）。")
def secrets() -> None:
    """Make the secret files of the containers; what exists stays as it is."""
    folder = container_secrets.make()
    say(f"✓ 密钥已就绪：{folder}。接下来：docker compose up --build --detach")


@app.command(help="重新生成 requirements/ 里带哈希的锁定文件。")
def lock() -> None:
    """Resolve the dependencies anew."""
    locking.lock(say=say)


def _stack(*, in_sandbox: bool = False) -> Stack:
    stack = attached(_layout(in_sandbox=in_sandbox))
    if stack is None and in_sandbox:
        raise StackProblem("银行沙箱没有在运行：请先执行 ./run sandbox up")
    if stack is None:
        raise StackProblem("本地栈没有在运行：请先执行 ./run up")
    return stack


def _layout(*, in_sandbox: bool) -> Layout:
    return sandbox.layout() if in_sandbox else Layout()


def _check_code(code: str) -> None:
    if not is_known(code):
        raise StackProblem(f"没有 {code} 这个部门或镇街代码，可用：{' '.join(ALL_CODES)}")


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _show_urls(urls: running.Urls, *, as_json: bool, attended: bool = False) -> None:
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


def main() -> None:
    """Run one command; what stands in its way is one line and a non-zero exit."""
    try:
        app(prog_name="./run")
    except (StackProblem, DemoFailed) as problem:
        say(f"✗ {problem}")
        raise SystemExit(1) from None
    except running.Interrupted:
        raise SystemExit(_INTERRUPTED) from None


if __name__ == "__main__":
    main()
