"""Random sessions beside their filed classes and refusals, and what the words of the rules say."""

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest

from services.schedule_monitor.domain.held.comparison import FiledClass, Tolerances
from services.schedule_monitor.domain.held.held import HeldSession, Kept, Sender
from services.schedule_monitor.domain.held.held_breaches import HELD_RULE_CODES
from services.schedule_monitor.domain.held.held_month import Basis, judge_month
from services.schedule_monitor.domain.judge import judge_sessions
from services.schedule_monitor.domain.premises import Premises
from services.schedule_monitor.domain.timetables.refusals import Refusal, RefusedClass
from shared.city_time import CITY_TIME
from tests.schedule_monitor.builders import (
    INSTITUTION,
    a_registered,
    a_school_year,
    a_session,
    calendars,
)
from tests.schedule_monitor.domain.random_timetables import a_source

# The day on which sessions must be filed, the one before; that of the ban of days, the one before.
DAYS = [date(2018, 8, 21), date(2018, 8, 22), date(2021, 7, 23), date(2021, 7, 24)]
DAYS += [date(2026, 3, 3), date(2026, 3, 7)]
FILING, OPINIONS = date(2018, 8, 22), date(2021, 7, 24)
TEN = timedelta(minutes=10)
OFFSETS = [timedelta(seconds=it) for it in (-601, -600, -1, 0, 599, 600, 601)]
GROUPS = ("甲", "乙")
NAMED = ["schedule.rest_day", "schedule.offline_end", "schedule.capacity"]


def a_case(rng):
    """Return one session with the class that was filed for it, if any, and what was refused."""
    day = rng.choice(DAYS)
    began = datetime.combine(day, rng.choice([time(18), time(19, 40)]), CITY_TIME)
    start = began + rng.choice(OFFSETS)
    held = HeldSession(
        sender=Sender("institution", INSTITUTION),
        reference="1",
        version=1,
        institution_id=INSTITUTION,
        started_at=start,
        ended_at=start + timedelta(minutes=50) + rng.choice(OFFSETS),
        class_group="甲",
        stage="compulsory",
        head_count=9,
        course=rng.choice([None, "C1"]),
    )
    planned = None
    if rng.random() < 0.8:
        end = (began + timedelta(minutes=50)).time()
        planned = a_session(
            day.isoformat(), f"{began:%H:%M}", f"{end:%H:%M}", class_group=rng.choice("甲甲乙")
        )
    dropped_at = rng.choice([None, None, start - timedelta(1), start, start + timedelta(seconds=1)])
    refusal = None
    if rng.random() < 0.7:
        refusal = Refusal(
            receipt_id="KB1",
            asked_at=start + rng.choice([timedelta(-1), timedelta(0), timedelta(seconds=1)]),
            refused=RefusedClass(
                on=rng.choice([day, day, day + timedelta(1)]),
                start=(start + rng.choice(OFFSETS)).time(),
                class_group=rng.choice(GROUPS),
                course=rng.choice([None, "C1", "C2"]),
                rules=frozenset(
                    rng.sample(
                        ["schedule.rest_day", "schedule.offline_end", "schedule.capacity"], 2
                    )
                ),
            ),
        )
    return held, planned, dropped_at, refusal


def loaded():
    years = [
        a_school_year(
            school_year=f"{year}-{year + 1}",
            first_day=date(year, 9, 1),
            last_day=date(year + 1, 8, 31),
            breaks=(),
        )
        for year in (2017, 2020, 2025)
    ]
    return calendars(*years)


LOADED = loaded()


def said(held, planned, dropped_at, refusal):
    """Return what the rules say of a session, told from their words."""
    filed = planned if planned is not None and planned.class_group == "甲" else None
    gone = filed is not None and dropped_at is not None and dropped_at <= held.started_at
    codes = set()
    if filed is None and held.on >= FILING:
        codes.add("held_unfiled")
    if gone and held.on >= FILING:
        codes.add("held_cancelled")
    stands = filed is not None and not gone
    if stands and held.on >= FILING:
        codes |= differences(held, filed)
    lawless = stands and unlawful(filed)
    if lawless and held.on >= OPINIONS:
        codes.add("held_unlawful")
    if not lawless and held.on >= OPINIONS and refused(held, refusal):
        codes.add("held_after_refusal")
    return codes


def differences(held, filed):
    begins = datetime.combine(filed.on, filed.start, CITY_TIME)
    ends = datetime.combine(filed.on, filed.end, CITY_TIME)
    late = held.started_at - begins
    if abs(late) > TEN:
        longer = (held.ended_at - held.started_at) - (ends - begins)
        return {"held_moved"} | ({"held_overran"} if longer > TEN else set())
    return {"held_overran"} if held.ended_at - ends > TEN else set()


def refused(held, refusal):
    if refusal is None or refusal.asked_at >= held.started_at or refusal.refused.on != held.on:
        return False
    asked = refusal.refused
    alike = asked.class_group == "甲" or (asked.course is not None and asked.course == held.course)
    away = abs(held.started_at - datetime.combine(asked.on, asked.start, CITY_TIME))
    own = breaks(held.on, held.ended_at.astimezone(CITY_TIME).time())
    return alike and away <= TEN and bool(own & asked.rules)


def unlawful(filed):
    return bool(breaks(filed.on, filed.end))


def breaks(day, end):
    """Return what an offline subject class breaks by its day and its end."""
    if day < OPINIONS:
        return set()
    codes = {"schedule.offline_end"} if end > time(20, 30) else set()
    return codes | ({"schedule.rest_day"} if day.isoweekday() > 5 else set())


def judged(held, planned, dropped_at, refusal):
    classes = []
    if planned is not None:
        [one] = judge_sessions([planned], LOADED)
        classes = [FiledClass(judged=one, dropped_at=dropped_at)]
    basis = Basis(
        registered=a_registered(),
        premises=Premises(),
        calendars=LOADED,
        tolerances=Tolerances(),
    )
    refusals = [] if refusal is None else [refusal]
    [found] = judge_month(f"{held.on:%Y-%m}", [Kept("s1", held)], classes, basis, refusals)
    return {one.rule.card.code.removeprefix("schedule.") for one in found.findings}


@pytest.mark.parametrize("block", range(4))
def test_are_found_as_the_words_say(block):
    for seed in range(block * 250, (block + 1) * 250):
        case = a_case(a_source(seed))

        assert judged(*case) == said(*case), (seed, case)


def test_break_every_rule_on_held_sessions():
    counts = Counter(code for seed in range(1_000) for code in said(*a_case(a_source(seed))))

    assert {f"schedule.{code}" for code in counts} == set(HELD_RULE_CODES)
