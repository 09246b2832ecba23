"""All commands, and what becomes of whatever stands in their way."""

import typer

from deploy.commands import banks, house, records, stack
from deploy.commands.asking import say
from deploy.demo.acting.doors import DemoFailed
from deploy.local import running
from deploy.local.problem import StackProblem

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="海宁市校外培训监管套件：本地运行、演示与检查。",
)
for group in (stack, banks, records, house):
    app.add_typer(group.app)

_INTERRUPTED = 130


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
