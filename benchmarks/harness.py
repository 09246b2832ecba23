"""What every benchmark does alike: alternate what is compared, take medians, name the machine."""

import json
import os
import platform
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

RATE: Final = "events_per_second"
Results = dict[str, Any]
Say = Callable[[str], None]
Run = Callable[[], Awaitable[Mapping[str, float]]]


async def alternating(
    runs: Mapping[str, Run], *, rounds: int, say: Say
) -> dict[str, list[Mapping[str, float]]]:
    """Run each once a round, in turns of order, and return the figures of every round.

    Whatever else the machine does meanwhile then falls on all of them alike. One that does not come
    to its end leaves traces behind, so nothing is measured after it; what was, is returned.
    """
    seen: dict[str, list[Mapping[str, float]]] = {name: [] for name in runs}
    for turn in range(rounds):
        names = list(runs) if turn % 2 == 0 else list(reversed(list(runs)))
        for name in names:
            try:
                figures = await runs[name]()
            except TimeoutError as error:
                say(f"第 {turn + 1}/{rounds} 轮 {name}：未在时限内完成，到此为止 {error}")
                return seen
            seen[name].append(figures)
            shown = "  ".join(f"{what} {value:,.1f}" for what, value in figures.items())
            say(f"第 {turn + 1}/{rounds} 轮 {name}：{shown}")
    return seen


def medians(figures: Sequence[Mapping[str, float]]) -> Results:
    """Return the median of every figure over the rounds."""
    names = figures[0].keys() if figures else ()
    return {name: round(median(one[name] for one in figures), 1) for name in names}


def ratio(
    figures: Mapping[str, Sequence[Mapping[str, float]]], name: str, other: str
) -> float | None:
    """Return how many times another's throughput one has: the median over rounds of both."""
    pairs = zip(figures[name], figures[other], strict=False)
    found = [one[RATE] / two[RATE] for one, two in pairs]
    return round(median(found), 3) if found else None


def machine() -> Results:
    """Describe the machine as far as figures depend on it."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def written(results: Results, path: Path | None) -> Results:
    """Return the results with the machine they were got on, and keep them where asked."""
    document = {"machine": machine(), "results": results}
    if path is not None:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    return document


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
