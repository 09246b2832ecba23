"""End a running stack from another command."""

from collections.abc import Callable

from deploy.local import leftovers, record
from deploy.local.layout import Layout

_SUPERVISOR_SECONDS = 45.0


def down(*, say: Callable[[str], None], layout: Layout | None = None) -> None:
    """Stop everything this checkout's stack started, and only that."""
    layout = layout or Layout()
    found = record.running(layout)
    if found is not None:
        say(f"正在停止本地栈（进程 {found.supervisor.pid}）…")
        leftovers.end([found.supervisor], patience_seconds=_SUPERVISOR_SECONDS)
    # Whoever was killed without a word left a record; whoever ended in order left none.
    with record.held(layout):
        leftovers.sweep(layout, say=say)
    say("已停止" if found is not None else "本地栈没有在运行")


def processes(layout: Layout | None = None) -> tuple[record.ProcessRecord, ...]:
    """Return the processes of the running stack, none when it does not run."""
    found = record.running(layout or Layout())
    return found.processes if found is not None else ()
