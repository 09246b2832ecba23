"""Tests and checks: the tools of the house, each run as its own process."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local.layout import CHECKOUT

_BIN = Path(sys.prefix) / "bin"
_CONTRACTS = (sys.executable, "-m", "deploy.contracts")
_CHECKS: tuple[tuple[str, ...], ...] = (
    (str(_BIN / "lint-imports"), "--no-cache"),
    (str(_BIN / "ruff"), "check"),
    (str(_BIN / "ruff"), "format", "--check"),
    (str(_BIN / "mypy"),),
    (*_CONTRACTS, "--check"),
)


def test(arguments: Sequence[str]) -> int:
    """Run pytest; its folder of temporary files must have a parent.

    Tests on real servers wait more than they compute, so files share the machine, in the order of
    ``tests/conftest.py``; ``-n 0`` runs one after the other.
    """
    (CHECKOUT / ".cache").mkdir(exist_ok=True)
    beside = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "--no-loadscope-reorder")
    return _run((sys.executable, "-m", "pytest", *beside, *arguments))


def bench(arguments: Sequence[str]) -> int:
    """Measure in a process of its own, which loads what the other commands need not."""
    (CHECKOUT / ".cache").mkdir(exist_ok=True)
    command = (sys.executable, "-m", "benchmarks", *arguments)
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode


def fuzz(arguments: Sequence[str]) -> int:
    """Fuzz in a process of its own, which loads what the other commands need not."""
    (CHECKOUT / ".cache").mkdir(exist_ok=True)
    command = (sys.executable, "-m", "fuzzing", *arguments)
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode


def check() -> int:
    """Run every check, also after one has failed, and say which did."""
    failed = [command for command in _CHECKS if _run(command)]
    for command in failed:
        print(f"✗ {_shown(command)}", file=sys.stderr)
    if not failed:
        print("✓ 全部检查通过", file=sys.stderr)
    return 1 if failed else 0


def contracts(*, check: bool) -> int:
    """Write the documents of all contracts, or compare them; it loads every service."""
    return _run((*_CONTRACTS, *(["--check"] if check else [])))


def _run(command: Sequence[str]) -> int:
    print(f"→ {_shown(command)}", file=sys.stderr, flush=True)
    return subprocess.run(command, cwd=CHECKOUT, env=dict(os.environ), check=False).returncode


def _shown(command: Sequence[str]) -> str:
    return " ".join((Path(command[0]).name, *command[1:]))
