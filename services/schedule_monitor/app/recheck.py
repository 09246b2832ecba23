"""Judge filed classes again by the law of their day: a file of millions, or all that is current."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from services.schedule_monitor.domain.bulk import (
    REQUIRED,
    SCHEMA,
    Recheck,
    Rechecker,
    SessionsUnreadable,
)
from services.schedule_monitor.domain.calendars.calendars import Calendars

# What is in memory at once: some hundred bytes a class, and several columns of facts.
_CHUNK: Final = 250_000
# All classes of an institution on a day are judged together; more would be no institution's day.
_MOST_A_DAY: Final = 20_000


def recheck_file(
    path: Path, calendars: Calendars, *, findings: Path | None = None, chunk: int = _CHUNK
) -> Recheck:
    """Judge a Parquet file of classes (``domain/bulk.SCHEMA``) and write what is found to another.

    The file is read in pieces, so that its size does not matter. What cannot be read is refused
    with ``SessionsUnreadable``, and then no findings are written.
    """
    rechecker = Rechecker(calendars)
    folder = None if findings is None else findings.parent
    with TemporaryDirectory(dir=folder) as parts:
        for number, frame in enumerate(_whole_days(path, chunk)):
            found = rechecker.take(frame)
            if findings is not None:
                found.write_parquet(Path(parts) / f"{number:06}.parquet")
        if findings is not None and rechecker.found.sessions:
            pl.scan_parquet(Path(parts) / "*.parquet").sink_parquet(findings)
    return rechecker.found


def _whole_days(path: Path, chunk: int) -> Iterator[pl.DataFrame]:
    """Read a file in pieces that end where an institution's day does."""
    kept: pl.DataFrame | None = None
    for piece in _pieces(path, chunk):
        frame = piece if kept is None else pl.concat([kept, piece])
        last = frame.select("institution", "on").row(-1)
        rest = frame.tail(_MOST_A_DAY + 1).select(
            ((pl.col("institution") == last[0]) & (pl.col("on") == last[1])).sum()
        )
        unfinished = int(rest.item())
        if unfinished > _MOST_A_DAY:
            raise SessionsUnreadable(f"机构{last[0]}在{last[1]}的课超过{_MOST_A_DAY}节")
        yield frame.head(frame.height - unfinished)
        kept = frame.tail(unfinished)
    if kept is not None:
        yield kept


def _pieces(path: Path, chunk: int) -> Iterator[pl.DataFrame]:
    try:
        lazy = pl.scan_parquet(path)
        given = lazy.collect_schema()
        absent = [name for name in REQUIRED if name not in given]
        if absent:
            raise SessionsUnreadable(f"文件 {path} 缺少列：{'、'.join(absent)}")
        columns = [
            (pl.col(name) if name in given else pl.lit(None)).cast(kind).alias(name)
            for name, kind in SCHEMA.items()
        ]
        rows = int(lazy.select(pl.len()).collect().item())
        for offset in range(0, rows, chunk):
            yield lazy.slice(offset, chunk).select(columns).collect()
    except (PolarsError, OSError) as error:
        raise SessionsUnreadable(f"文件 {path} 无法读取：{error}") from error
