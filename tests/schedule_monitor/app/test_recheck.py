"""Classes judged again from files and from the store: what is counted, and what is refused."""

import polars as pl
import pytest

from services.schedule_monitor.app.recheck import recheck_file
from services.schedule_monitor.app.recheck_current import CurrentTimetables
from services.schedule_monitor.domain.bulk import REQUIRED, SessionsUnreadable
from services.schedule_monitor.domain.frames import frame_of
from services.schedule_monitor.domain.timetables.surroundings import NOTHING_FILED
from tests.schedule_monitor.builders import (
    a_calendar_body,
    a_class,
    a_filing,
    a_session,
    calendars,
)

SATURDAY, TUESDAY, WEDNESDAY = "2026-03-07", "2026-03-03", "2026-03-04"


def a_file(path, *days, institution="i1"):
    frame = frame_of([a_session(day) for day in days], NOTHING_FILED)
    frame.select(pl.lit(institution).alias("institution"), pl.all()).write_parquet(path)
    return path


@pytest.fixture
def file(tmp_path):
    return a_file(tmp_path / "classes.parquet", TUESDAY, WEDNESDAY, SATURDAY)


def changed(file, *columns):
    pl.read_parquet(file).with_columns(*columns).write_parquet(file)


class TestRecheckFile:
    def test_counts_by_rule_and_month_and_tells_each_breach(self, file, tmp_path):
        findings = tmp_path / "findings.parquet"

        found = recheck_file(file, calendars(), findings=findings)

        assert (found.sessions, found.unlawful, found.calendar_incomplete) == (3, 1, 0)
        assert found.by_rule == {("schedule.rest_day", "2026-03"): 1}
        [row] = pl.read_parquet(findings).to_dicts()
        assert (row["institution"], str(row["on"]), row["rule"], row["level"]) == (
            *("i1", SATURDAY),
            *("schedule.rest_day", "red"),
        )

    def test_needs_only_what_every_class_has(self, file):
        pl.read_parquet(file).select(REQUIRED).write_parquet(file)

        assert recheck_file(file, calendars()).unlawful == 1

    def test_takes_names_of_stage_kind_and_mode_as_text(self, file):
        changed(file, pl.col("stage", "kind", "mode").cast(pl.String))

        assert recheck_file(file, calendars()).unlawful == 1

    @pytest.mark.parametrize(
        ("columns", "reason"),
        [
            ((pl.lit("university").alias("stage"),), "无法读取"),
            ((pl.lit(None, dtype=pl.String).alias("class_group"),), "第1行缺少class_group"),
            ((pl.lit(60_000).alias("end"),), "第1行的起止时间有误"),
            ((pl.lit(86_400).alias("end"),), "第1行的起止时间有误"),
            ((pl.col("on").reverse(),), "顺序"),
        ],
    )
    def test_refuses_what_cannot_be_judged_and_writes_nothing(
        self, file, tmp_path, columns, reason
    ):
        changed(file, *columns)
        findings = tmp_path / "findings.parquet"

        with pytest.raises(SessionsUnreadable, match=reason):
            recheck_file(file, calendars(), findings=findings)

        assert [one.name for one in tmp_path.iterdir()] == [file.name]

    @pytest.mark.parametrize("chunk", [1, 2])
    def test_refuses_a_day_that_comes_back_in_a_later_piece(self, file, chunk):
        changed(file, pl.Series("on", [TUESDAY, WEDNESDAY, TUESDAY]).str.to_date())

        with pytest.raises(SessionsUnreadable, match="顺序"):
            recheck_file(file, calendars(), chunk=chunk)

    def test_refuses_a_file_without_a_needed_column(self, file):
        pl.read_parquet(file).drop("mode").write_parquet(file)

        with pytest.raises(SessionsUnreadable, match="缺少列：mode"):
            recheck_file(file, calendars())

    def test_refuses_what_is_no_parquet(self, tmp_path):
        file = tmp_path / "classes.parquet"
        file.write_text("机构,日期\n")

        with pytest.raises(SessionsUnreadable, match="无法读取"):
            recheck_file(file, calendars())

    def test_finds_nothing_in_an_empty_file(self, tmp_path):
        file = a_file(tmp_path / "none.parquet")

        assert recheck_file(file, calendars(), findings=tmp_path / "f.parquet").sessions == 0


class TestCurrentTimetables:
    @pytest.mark.usefixtures("registered")
    async def test_are_judged_as_the_store_has_them(self, client, education, own, db):
        await client.put(
            "/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education
        )
        for version, days in ((1, [SATURDAY, SATURDAY]), (2, [TUESDAY, SATURDAY])):
            classes = [a_class(day, kind=None, mode=None) for day in days]
            body = a_filing(*classes, version=version)
            answer = await client.post("/v1/timetables", json=body, headers=own)
            assert answer.status_code == 201, answer.text

        found = await CurrentTimetables(db).recheck()

        assert (found.sessions, found.unlawful) == (2, 1)
        assert found.by_rule == {("schedule.rest_day", "2026-03"): 1}
