"""Random timetables, judged by the rules in columns and by the words of the law."""

from collections import Counter

import polars as pl
import pytest

from services.schedule_monitor.app.recheck import recheck_file
from services.schedule_monitor.domain.breaches import RULE_CODES
from services.schedule_monitor.domain.evaluation import RULES
from services.schedule_monitor.domain.frames import frame_of
from services.schedule_monitor.domain.judge import judge_sessions
from tests.schedule_monitor.domain.brute_judge import broken, lacks_a_calendar
from tests.schedule_monitor.domain.random_timetables import a_source, a_timetable, a_world

_SEEDS, _BLOCKS, _SIZE = 20, 10, 60
_REVIEWED = {rule.card.code for rule in RULES if rule.review}


def codes_of(judged):
    return {found.rule.card.code.removeprefix("schedule.") for found in judged.findings}


@pytest.mark.parametrize("block", range(_BLOCKS))
def test_are_judged_as_the_law_says(block):
    for seed in range(block * _SEEDS, (block + 1) * _SEEDS):
        rng = a_source(seed)
        world, sessions = a_world(rng), a_timetable(rng, size=_SIZE)

        judged = judge_sessions(sessions, world.calendars, world.surroundings)

        for index, one in enumerate(judged):
            expected = broken(sessions, index, world)
            assert codes_of(one) == expected, (seed, index, one.session)
            assert one.verdict == verdict(expected, sessions[index], world), (seed, index)


def verdict(codes, session, world):
    if {f"schedule.{code}" for code in codes} - _REVIEWED:
        return "unlawful"
    return "calendar_incomplete" if lacks_a_calendar(session, world) else "lawful"


def test_break_every_rule_there_is():
    found = set()
    for seed in range(_SEEDS * _BLOCKS):
        rng = a_source(seed)
        world, sessions = a_world(rng), a_timetable(rng, size=_SIZE)
        found |= {f"schedule.{it}" for i in range(_SIZE) for it in broken(sessions, i, world)}

    assert found == set(RULE_CODES)


@pytest.mark.parametrize("chunk", [3, 50, 1_000])
def test_are_judged_alike_from_a_file_of_several_institutions(chunk, tmp_path):
    rng = a_source(chunk)
    world = a_world(rng)
    timetables = {f"institution-{number}": a_timetable(rng, size=_SIZE) for number in range(4)}
    frames = [
        frame_of(sessions, world.surroundings).select(
            pl.lit(institution).alias("institution"), pl.all()
        )
        for institution, sessions in timetables.items()
    ]
    file, found = tmp_path / "classes.parquet", tmp_path / "findings.parquet"
    pl.concat(frames).sort("institution", "on", maintain_order=True).write_parquet(file)

    done = recheck_file(file, world.calendars, findings=found, chunk=chunk)

    expected = Counter(
        (institution, one.session.class_group, str(one.session.start), finding.rule.card.code)
        for institution, sessions in timetables.items()
        for one in judge_sessions(sessions, world.calendars, world.surroundings)
        for finding in one.findings
    )
    rows = pl.read_parquet(found).with_columns(
        pl.from_epoch(pl.col("start")).dt.time().cast(pl.String).str.head(8)
    )
    assert Counter(rows.select("institution", "class_group", "start", "rule").rows()) == expected
    assert done.sessions == 4 * _SIZE
    assert sum(done.by_rule.values()) == sum(expected.values())
