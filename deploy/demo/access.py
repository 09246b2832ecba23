"""Addresses and tokens to try, printed while the demo's stack stays up."""

from rich.console import Console
from rich.text import Text

from deploy.local.issuer import Issuer

_HOURS = 12.0
_SERVICES = ("registry", "schedule_monitor", "fund_monitor", "ads_watch")


def show_access(console: Console, *, urls: dict[str, str], issuer: Issuer) -> None:
    """Print where the services are and how to ask them as one of the departments or a bank."""
    tokens = {
        "市人民银行 pboc": issuer.token(role="staff", department="pboc", hours=_HOURS),
        "市教育局 education": issuer.token(role="staff", department="education", hours=_HOURS),
        "银行 chaocheng": issuer.token(role="bank", bank="chaocheng", hours=_HOURS),
        "管理员 admin": issuer.token(role="admin", hours=_HOURS),
    }
    inbox = f"{urls['fund_monitor']}/v1/alerts?department=pboc"
    lines = [
        Text("地址 addresses", style="bold"),
        *(Text(f"  {name:<18}{urls[name]}/docs") for name in _SERVICES),
        Text("令牌（12 小时内有效） tokens", style="bold"),
        *(
            Text.assemble(f"  {holder}\n", (f"  {token}", "dim"))
            for holder, token in tokens.items()
        ),
        Text("试一试 try", style="bold"),
        Text("  ./run inbox --department pboc"),
        Text(f'  curl -H "Authorization: Bearer $(./run token --department pboc)" "{inbox}"'),
    ]
    for line in lines:
        # Tokens must be copied whole: the terminal may wrap them, we must not.
        console.print(line, soft_wrap=True, highlight=False)
