"""``./run bench NAME``: measure on this machine; an unknown name lists what can be measured."""

import asyncio
import json
import sys
from argparse import ArgumentParser
from collections.abc import Awaitable
from pathlib import Path
from typing import Protocol

import uvloop

from benchmarks import funds, schedule, sight
from benchmarks.harness import Results, Say, written
from deploy.local.running import Interrupted, interruptible


class Benchmark(Protocol):
    """Measures on this machine; quick is to see that it works, not to quote."""

    def __call__(self, *, quick: bool, say: Say) -> Awaitable[Results]: ...


BENCHMARKS: dict[str, Benchmark] = {
    "funds": funds.funds,
    "schedule": schedule.schedule,
    "sight": sight.sight,
}
_INTERRUPTED = 130


def say(line: str) -> None:
    """Tell the person at the terminal, beside the standard output."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


async def _measure(name: str, *, quick: bool, path: Path | None) -> None:
    found = written(await BENCHMARKS[name](quick=quick, say=say), path)
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


def main() -> None:
    """Run one benchmark, or say in one line why not."""
    parser = ArgumentParser(prog="./run bench")
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, default=None)
    asked = parser.parse_args()
    if asked.name not in BENCHMARKS:
        sys.exit(f"✗ 没有名为“{asked.name}”的测量，可用：{' '.join(BENCHMARKS)}")
    if asked.json is not None and not asked.json.parent.is_dir():
        sys.exit(f"✗ --json 的文件夹不存在：{asked.json.parent}")
    # What is measured shares the processors with what measures: senders cost as little as they can.
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    try:
        interruptible(lambda: _measure(asked.name, quick=asked.quick, path=asked.json), say=say)
    except Interrupted:
        raise SystemExit(_INTERRUPTED) from None


if __name__ == "__main__":
    main()
