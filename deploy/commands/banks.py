"""Banks: added, their interface tried, their sandbox."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy.bank_interface import paper
from deploy.bank_interface.document import document
from deploy.bank_kit import command as bank_kits
from deploy.bank_kit.connecting import Trust
from deploy.commands.asking import (
    AsJson,
    InSandbox,
    SandboxPorts,
    day_of,
    say,
    show_urls,
    the_stack,
)
from deploy.console import console
from deploy.local import banks, sandbox
from deploy.local.layout import Layout
from deploy.local.stack import attached

app = typer.Typer()
bank = typer.Typer(no_args_is_help=True, help="银行接入。")
app.add_typer(bank, name="bank")
sandboxes = typer.Typer(
    no_args_is_help=True, help="银行沙箱：另有自己的数据、密钥和端口的 fund_monitor。"
)
app.add_typer(sandboxes, name="sandbox")


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
    print(banks.add(the_stack(in_sandbox=in_sandbox), code=code, name=name, identity_fields=fields))


@bank.command("rotate", help="换发银行的签名密钥并打印一次；旧密钥在所述小时内继续有效。")
def bank_rotate(
    code: str,
    *,
    keep_hours: Annotated[int, typer.Option(min=0, max=168, help="旧密钥继续有效的小时数")] = 24,
) -> None:
    """Make a bank's next signing secret and print it, once."""
    made = banks.rotate(the_stack(), code=code, keep_hours=keep_hours)
    print(made["secret"])
    until = made["previous_valid_until"]
    say(f"旧密钥有效至 {until}" if until else "旧密钥已失效")


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
    drop_folder: Annotated[
        Path | None, typer.Option(help="该银行的投递目录（其中有 in、out）；给出才检验文件投递")
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(help="https 证书由自设的 CA 签发时，该 CA 证书（PEM）")
    ] = None,
    client_cert_file: Annotated[
        Path | None, typer.Option(help="银行的客户端证书（PEM），登记过证书的银行须出示")
    ] = None,
    client_key_file: Annotated[
        Path | None, typer.Option(help="客户端证书的私钥（PEM）；与证书同一文件的可以不给")
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
        drop_folder=drop_folder,
        day=day_of(day),
        json_file=json_file,
        report_file=report_file,
        trust=Trust(
            ca_file=ca_file, client_cert_file=client_cert_file, client_key_file=client_key_file
        ),
    )
    here = (attached(layout) for layout in (Layout(), sandbox.layout()))
    stacks = tuple(stack for stack in here if stack is not None)
    if not bank_kits.bank_kit(asked, stacks=stacks, console=console()):
        raise typer.Exit(1)


@app.command("bank-interface", help="把银行接口规范写成 Word 文档（DOCX）。")
def bank_interface(*, docx: Annotated[Path, typer.Option("--docx", help="写入这个文件")]) -> None:
    """Write the bank interface as a document for Word."""
    paper.write(document(), docx)
    say(f"✓ 已写入 {docx}")


@sandboxes.command("up", help="在后台启动银行沙箱，保留其中已有的数据。")
def sandbox_up(*, port_base: SandboxPorts = sandbox.PORT_BASE, as_json: AsJson = False) -> None:
    """Start the banks' sandbox."""
    show_urls(sandbox.up(port_base=port_base, say=say), as_json=as_json)


@sandboxes.command("reset", help="清空银行沙箱（数据和密钥）并重新启动；不影响本地栈。")
def sandbox_reset(*, port_base: SandboxPorts = sandbox.PORT_BASE, as_json: AsJson = False) -> None:
    """Start the banks' sandbox empty."""
    show_urls(sandbox.reset(port_base=port_base, say=say), as_json=as_json)


@sandboxes.command("down", help="停止银行沙箱。")
def sandbox_down() -> None:
    """Stop the banks' sandbox."""
    sandbox.down(say=say)
