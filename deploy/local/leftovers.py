"""End what an earlier run left behind, and nothing that is not ours."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable

from deploy.local import record
from deploy.local.layout import Layout
from deploy.local.record import ProcessRecord

_PATIENCE_SECONDS = 5.0
_POLL_SECONDS = 0.05


def sweep(layout: Layout, *, say: Callable[[str], None]) -> None:
    """End the processes of a run whose supervisor is gone. Call it with the lock held."""
    left = record.read(layout)
    if left is None:
        return
    remaining = [process for process in left.processes if process.lives]
    if remaining:
        names = "、".join(f"{process.name} ({process.pid})" for process in remaining)
        say(f"清理上次残留的进程：{names}")
        end(remaining)
    for container in left.containers:
        remove_container(container)
    layout.record.unlink(missing_ok=True)


def end(processes: Iterable[ProcessRecord], *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
    """Ask processes to end, then make them."""
    remaining = list(processes)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for process in remaining:
            _send(process, sign)
        remaining = _wait(remaining, patience_seconds)


def _send(process: ProcessRecord, sign: signal.Signals) -> None:
    if process.lives and process.pid is not None:
        try:
            os.kill(process.pid, sign)
        except ProcessLookupError:
            return


def _wait(processes: list[ProcessRecord], patience_seconds: float) -> list[ProcessRecord]:
    deadline = time.monotonic() + patience_seconds
    remaining = processes
    while remaining and time.monotonic() < deadline:
        remaining = [process for process in remaining if process.lives]
        time.sleep(_POLL_SECONDS if remaining else 0)
    return remaining


def remove_container(name: str) -> None:
    """Remove a container of ours, if it is there."""
    subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)  # noqa: S607  (PATH has it)
