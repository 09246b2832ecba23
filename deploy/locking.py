"""Make the hashed locks in ``requirements/`` from ``pyproject.toml``."""

import os
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.local.layout import CHECKOUT
from deploy.local.problem import StackProblem

# The tool lives apart: it is no part of what it locks.
_TOOL = CHECKOUT / ".cache" / "lock-venv"
_REQUIREMENT = "pip-tools==7.6.2"
_LOCKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("runtime.txt", ()),
    ("local.txt", ("local",)),
    ("dev.txt", ("local", "dev")),
)
_OPTIONS = (
    "--generate-hashes",
    "--no-annotate",
    "--no-header",
    "--strip-extras",
    "--allow-unsafe",
    # Where packages come from is a matter of the machine and never of the lock.
    "--no-emit-index-url",
    "--no-emit-trusted-host",
    "--no-emit-find-links",
    "--quiet",
)


def lock(*, say: Callable[[str], None]) -> None:
    """Resolve each set of dependencies; what a lock already holds stays if it still fits."""
    say("正在准备 pip-tools…")
    python = _tool()
    for name, extras in _LOCKS:
        say(f"正在生成 requirements/{name}…")
        target = CHECKOUT / "requirements" / name
        chosen = [f"--extra={extra}" for extra in extras]
        outcome = ("--output-file", str(target), "pyproject.toml")
        _run((python, "-m", "piptools", "compile", *_OPTIONS, *chosen, *outcome))


def _tool() -> str:
    python = _TOOL / "bin" / "python"
    if not python.exists():
        venv.create(_TOOL, with_pip=True, clear=True)
    _run((str(python), "-m", "pip", "install", "--quiet", _REQUIREMENT))
    return str(python)


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(
        command, cwd=CHECKOUT, env=dict(os.environ), stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise StackProblem(f"{Path(command[0]).name} 失败（退出码 {done.returncode}），见上方输出")


if __name__ == "__main__":
    lock(say=lambda line: print(line, file=sys.stderr))
