"""What a department needs to connect, shown and tried on a live stack."""

from dataclasses import asdict, dataclass

from rich.table import Table
from rich.text import Text

from deploy.kit.api_checks import api_checks
from deploy.kit.bus_checks import bus_checks
from deploy.kit.check import Check
from deploy.kit.credentials import check_seed
from deploy.local.keys import Keys
from deploy.local.stack import Stack
from shared.duties.departments import name_of
from shared.messaging.permissions import CITY_DOMAIN, DEPARTMENTS_ACCOUNT, SERVICES, inbox_prefix
from shared.messaging.topology import consumers_of


@dataclass(frozen=True, slots=True)
class Kit:
    """How a department connects, and how trying it went."""

    department: str
    connection: dict[str, str]
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    def as_json(self) -> dict[str, object]:
        """Return what scripts read."""
        return {
            "department": self.department,
            "name": name_of(self.department),
            "ok": self.ok,
            "connection": self.connection,
            "checks": [asdict(check) for check in self.checks],
        }


async def examine(stack: Stack, department: str) -> Kit:
    """Show a department's access and try all of it; a part that fails does not stop the others."""
    seed = Keys(stack.layout.keys).nats_seed(department)
    url = stack.urls["nats"]
    checks = [check_seed(seed)]
    if checks[0].ok:
        checks += await bus_checks(department, url=url, seed=seed)
    checks += await api_checks(stack, department)
    connection = {
        "nats": url,
        "account": DEPARTMENTS_ACCOUNT,
        "seed_file": str(seed),
        "inbox_prefix": inbox_prefix(department),
        "domain": CITY_DOMAIN,
        "durables": " ".join(consumer.name for consumer in consumers_of(department)),
        "publishes": f"exchange-in.v1.{department}.*",
        **{service: stack.urls[service] for service in SERVICES},
    }
    return Kit(department=department, connection=connection, checks=tuple(checks))


def tables(kit: Kit) -> tuple[Table, Table]:
    """Return what a person at a terminal reads: how to connect, and how the trial went."""
    connection = Table(title=f"{name_of(kit.department)} 的接入信息")
    connection.add_column("项目")
    connection.add_column("值", overflow="fold")
    for item, value in kit.connection.items():
        connection.add_row(item, Text(value))
    checks = Table(title="检验结果")
    for header in ("", "检验", "所见", "怎样做"):
        checks.add_column(header, overflow="fold")
    for check in kit.checks:
        mark = Text("✓", style="green") if check.ok else Text("✗", style="bold red")
        checks.add_row(mark, Text(check.name), Text(check.detail), Text(check.advice))
    return connection, checks
