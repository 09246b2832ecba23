"""The classes of the schedule benchmark: made alike every time, judged alike both ways."""

import polars as pl

from benchmarks.classes import calendars, write_classes
from benchmarks.loops import judge_rows
from services.schedule_monitor.app.recheck import recheck_file
from services.schedule_monitor.domain.bulk import SCHEMA

_COUNT = 30_000
_IDENTITY = ["institution", "on", "start", "class_group", "rule"]


def test_are_the_same_every_time_and_whole(tmp_path):
    first, again = tmp_path / "first.parquet", tmp_path / "again.parquet"

    write_classes(first, _COUNT)
    write_classes(again, _COUNT)

    frame = pl.read_parquet(first)
    assert frame.equals(pl.read_parquet(again))
    assert frame.schema == SCHEMA
    assert frame.height == _COUNT


def test_break_the_same_rules_in_columns_and_in_loops(tmp_path):
    file, findings = tmp_path / "classes.parquet", tmp_path / "findings.parquet"
    write_classes(file, _COUNT)

    recheck_file(file, calendars(), findings=findings)

    ours = pl.read_parquet(findings).select(_IDENTITY).rows()
    assert sorted(ours) == sorted(judge_rows(pl.read_parquet(file).rows(), calendars()))
    assert len({rule for *_, rule in ours}) > 10
