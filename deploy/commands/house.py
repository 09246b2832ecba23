"""The demo, and the tools of whoever builds and measures the suite."""

from pathlib import Path
from typing import Annotated

import typer

from deploy import locking, tools
from deploy.commands.asking import Fresh, PortBase, say
from deploy.containers import secrets as container_secrets
from deploy.demo import command as demo_command
from deploy.local.options import Options
from deploy.local.ports import DEFAULT_BASE

app = typer.Typer()

# Whatever follows ``./run test``, ``bench`` and ``fuzz`` belongs to them, ``--help`` included.
_FOR_ANOTHER = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],
}


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


@app.command(help="生成 docker-compose.yml 所需的密钥文件（.secrets/）。")
def secrets() -> None:
    """Make the secret files of the containers; what exists stays as it is."""
    folder = container_secrets.make()
    say(f"✓ 密钥已就绪：{folder}。接下来：docker compose up --build --detach")


@app.command(help="重新生成 requirements/ 里带哈希的锁定文件。")
def lock() -> None:
    """Resolve the dependencies anew."""
    locking.lock(say=say)
