"""``./run fuzz``: ask four running services everything, for as long as there is time."""

import secrets
import sys
import time
from argparse import ArgumentParser, Namespace
from typing import Final

from rich.table import Table

from deploy.console import console
from deploy.local.layout import CHECKOUT, Layout
from deploy.local.options import Options
from deploy.local.problem import StackProblem
from deploy.local.running import Interrupted, interruptible
from deploy.local.stack import local_stack
from fuzzing.fuzz import SETTINGS, Plan, Report, fuzz
from shared.messaging.permissions import SERVICES

_INTERRUPTED: Final = 130
_PORT_BASE: Final = 19700
_EXAMPLES: Final = 10
_USUAL_MINUTES: Final = 10.0
_FOLDER: Final = CHECKOUT / ".cache" / "fuzz"


def say(line: str) -> None:
    """Tell the person at the terminal, beside the standard output."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _asked() -> Namespace:
    parser = ArgumentParser(prog="./run fuzz")
    parser.add_argument("--minutes", type=float, default=_USUAL_MINUTES, help="随机阶段至少多久")
    parser.add_argument("--seed", type=int, default=None, help="重复某一次运行")
    parser.add_argument("--service", choices=SERVICES, default=None, help="只测这个服务")
    parser.add_argument("--port-base", type=int, default=_PORT_BASE, help="六个端口从这里起")
    return parser.parse_args()


async def _fuzz(asked: Namespace, reports: list[Report]) -> None:
    seed = secrets.randbelow(2**32) if asked.seed is None else asked.seed
    say(f"种子 {seed}：用 --seed {seed} 可重复")
    options = Options(fresh=True, port_base=asked.port_base, settings=SETTINGS)
    async with local_stack(options, say=say, layout=Layout(_FOLDER)) as stack:
        plan = Plan(
            seed=seed,
            examples=_EXAMPLES,
            services=SERVICES if asked.service is None else (asked.service,),
            until=time.monotonic() + asked.minutes * 60,
        )
        reports.append(await fuzz(stack, plan, say=say))


def table(report: Report) -> Table:
    """Return how often each operation was asked and how it answered."""
    shown = Table(title="各操作的请求数与应答")
    for header in ("服务", "操作", "请求", "2xx", "状态码"):
        shown.add_column(header, overflow="fold")
    for service, record in report.records.items():
        for operation in report.operations[service]:
            counted = record.statuses[operation]
            statuses = " ".join(f"{status}×{times}" for status, times in sorted(counted.items()))
            shown.add_row(
                service,
                operation,
                f"{counted.total():,}",
                f"{record.good(operation):,}",
                statuses,
            )
    return shown


def main() -> None:
    """Fuzz, print what was asked and found, and exit 1 when anything was."""
    asked = _asked()
    reports: list[Report] = []
    try:
        interruptible(lambda: _fuzz(asked, reports), say=say)
    except Interrupted:
        raise SystemExit(_INTERRUPTED) from None
    except StackProblem as problem:
        sys.exit(f"✗ {problem}")
    [report] = reports
    console().print(table(report))
    for finding in report.findings:
        sys.stdout.write(f"\n✗ {finding.text()}\n")
    for operation in report.unreached:
        sys.stdout.write(f"\n✗ 从未得到 2xx 应答，或没有示例：{operation}\n")
    sent = sum(record.sent for record in report.records.values())
    wrong = len(report.findings) + len(report.unreached)
    say(f"{'✗' if wrong else '✓'} {sent:,} 个请求，{wrong} 个问题")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
