"""One run over a file of classes in a process of its own, on one core: ours, or the plain loops.

``python -m benchmarks.rechecking ours|loops FILE [--findings FILE]`` prints its figures as JSON.
"""

import json
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.classes import calendars
from benchmarks.loops import judge_rows
from services.schedule_monitor.app.recheck import recheck_file

_KIB = 1024
_FOUND = ("institution", "on", "start", "class_group", "rule")


def measured(which: str, file: Path, *, findings: Path | None = None) -> Mapping[str, float]:
    """Judge a file in a new process that has one core and one thread, and return its figures."""
    command = [sys.executable, "-m", "benchmarks.rechecking", which, str(file)]
    if findings is not None:
        command += ["--findings", str(findings)]
    alone = {**os.environ, "POLARS_MAX_THREADS": "1", "RAYON_NUM_THREADS": "1"}
    done = subprocess.run(command, env=alone, check=True, stdout=subprocess.PIPE)  # noqa: S603 - our own program
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _ours(file: Path, findings: Path | None) -> int:
    return recheck_file(file, calendars(), findings=findings).sessions


def _loops(file: Path, findings: Path | None) -> int:
    rows = pl.read_parquet(file).rows()
    found = judge_rows(rows, calendars())
    if findings is not None:
        pl.DataFrame(found, schema=_FOUND, orient="row").write_parquet(findings)
    return len(rows)


def _peak_kib() -> int:
    # Not ``getrusage``: its peak begins with that of the process that started this one.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("this system does not tell its peak")


def main() -> None:
    """Judge one file and tell how it went."""
    parser = ArgumentParser()
    parser.add_argument("which", choices=("ours", "loops"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--findings", type=Path, default=None)
    asked = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    began, worked = time.perf_counter(), time.process_time()
    judge = _ours if asked.which == "ours" else _loops
    sessions = judge(asked.file, asked.findings)
    took, work = time.perf_counter() - began, time.process_time() - worked
    figures: dict[str, Any] = {
        "sessions_per_second": sessions / took,
        "sessions_per_processor_second": sessions / work,
        "peak_rss_mib": _peak_kib() / _KIB,
    }
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    main()
