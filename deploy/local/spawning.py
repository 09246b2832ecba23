"""Start a process so that it cannot outlive us, and tell our processes from others'."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.layout import CHECKOUT

_CHILD = Path(__file__).with_name("child.py")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_AFTER_COMM_STATE = 0
_AFTER_COMM_START = 19


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path = CHECKOUT,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, tied to this process, its output in a log file.

    Call it from the main thread: the tie is to the thread that starts the child.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(_CHILD), str(os.getpid()), *command],
            cwd=folder,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def started(pid: int) -> str | None:
    """Return a mark of when a living process began, so that a reused pid is not taken for it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = _BOOT_ID.read_text().strip()
    except OSError:
        return None
    if fields[_AFTER_COMM_STATE] in {"Z", "X"}:
        return None
    return f"{boot}/{fields[_AFTER_COMM_START]}"


def alive(pid: int, began: str | None) -> bool:
    """Say whether the process that began then under this pid still lives."""
    return began is not None and started(pid) == began
