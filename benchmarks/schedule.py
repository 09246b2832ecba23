"""How fast classes are judged: plain loops, ours over files of millions, the store, the door."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from benchmarks.city import city
from benchmarks.classes import write_classes
from benchmarks.classes_door import at_the_door
from benchmarks.harness import Results, Say, alternating, medians
from benchmarks.rechecking import measured
from tests.support.servers import CACHE

_MILLION = 1_000_000
_SIZES = {"bulk_1m": _MILLION, "bulk_10m": 10 * _MILLION, "bulk_30m": 30 * _MILLION}
_QUICK_SIZES = {"bulk_1m": 200_000, "bulk_10m": 2 * _MILLION}
# Loops keep every row as an object: a part of a million tells their pace.
_SAMPLE, _QUICK_SAMPLE = 300_000, 100_000
_ROUNDS, _QUICK_ROUNDS = 3, 1
_INSTITUTIONS, _QUICK_INSTITUTIONS = 200, 20
_SECONDS, _QUICK_SECONDS = 20, 5
_TERMS, _QUICK_TERMS = 100, 20
_IDENTITY = ("institution", "on", "start", "class_group", "rule")


class FindingsDiffer(RuntimeError):
    """Ours and the loops do not find the same: nothing that follows would compare anything."""


async def schedule(*, quick: bool, say: Say) -> Results:
    """Return how fast classes are judged by loops, in columns, from the store, at the door."""
    sizes, rounds = (_QUICK_SIZES, _QUICK_ROUNDS) if quick else (_SIZES, _ROUNDS)
    CACHE.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=CACHE) as folder:
        sample = await _sample(Path(folder), _QUICK_SAMPLE if quick else _SAMPLE, say)
        files = {"loops": sample}
        for name, count in sizes.items():
            files[name] = Path(folder) / f"{name}.parquet"
            await asyncio.to_thread(write_classes, files[name], count)
            say(f"{name}：{count:,} 节课，{files[name].stat().st_size / 2**20:,.0f} MiB")
        seen = await alternating(
            {name: partial(_run, name, file) for name, file in files.items()},
            rounds=rounds,
            say=say,
        )
        with city() as servers:
            door = await at_the_door(
                servers,
                sample,
                institutions=_QUICK_INSTITUTIONS if quick else _INSTITUTIONS,
                seconds=_QUICK_SECONDS if quick else _SECONDS,
                terms=_QUICK_TERMS if quick else _TERMS,
            )
    results = {name: medians(figures) for name, figures in seen.items()}
    pace = {name: figures["sessions_per_second"] for name, figures in results.items()}
    largest = [*sizes][-1]
    return {
        "rounds": rounds,
        "sizes": sizes,
        **results,
        **{name: medians([figures]) for name, figures in door.items()},
        "ratios": {
            "bulk_1m_to_loops": round(pace["bulk_1m"] / pace["loops"], 2),
            "largest_to_bulk_1m": round(pace[largest] / pace["bulk_1m"], 3),
        },
    }


async def _run(name: str, file: Path) -> Mapping[str, float]:
    which = "loops" if name == "loops" else "ours"
    findings = file.with_suffix(f".{which}.found")
    return await asyncio.to_thread(measured, which, file, findings=findings)


async def _sample(folder: Path, count: int, say: Say) -> Path:
    """Write a sample, and see that both find the same in it."""
    file = folder / "sample.parquet"
    await asyncio.to_thread(write_classes, file, count)
    found = {}
    for which in ("ours", "loops"):
        findings = folder / f"{which}.parquet"
        await asyncio.to_thread(measured, which, file, findings=findings)
        rows = pl.read_parquet(findings).select(_IDENTITY).cast({"start": pl.Int64})
        found[which] = rows.sort(_IDENTITY)
    if not found["ours"].equals(found["loops"]):
        raise FindingsDiffer(f"{found['ours'].height} 与 {found['loops'].height} 条发现不同")
    say(f"抽样 {count:,} 节课：两种写法的 {found['ours'].height:,} 条发现相同")
    return file
