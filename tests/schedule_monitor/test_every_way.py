"""One implementation of each rule: whichever way a class comes to be judged, it is found alike."""

from datetime import datetime

import polars as pl
import pytest

from services.schedule_monitor.app.timetables.check_timetable import judged_with_slots
from services.schedule_monitor.app.timetables.judge_timetables import judge_timetables
from services.schedule_monitor.domain.breaches import RULE_CODES
from services.schedule_monitor.domain.bulk import Rechecker
from services.schedule_monitor.domain.frames import frame_of
from services.schedule_monitor.domain.held.comparison import Tolerances
from services.schedule_monitor.domain.held.held import HeldSession, Kept, Sender
from services.schedule_monitor.domain.held.held_month import Basis, judge_month
from services.schedule_monitor.domain.patrols.patrol_day import judge_day
from services.schedule_monitor.domain.premises import Premises
from services.schedule_monitor.domain.session import Stated
from services.schedule_monitor.domain.timetables.timetable import Filing, Timetable
from shared.city_time import CITY_TIME, month_of
from tests.schedule_monitor.builders import INSTITUTION, a_registered
from tests.schedule_monitor.domain.brute_judge import broken
from tests.schedule_monitor.domain.random_timetables import a_source, a_timetable, a_world

# Not a subject institution: its classes are then of the kind that each says it is.
REGISTERED = a_registered(kind="sports")
SIZE = 30


def found(judged):
    return frozenset(one.rule.card.code.removeprefix("schedule.") for one in judged.findings)


def by_check(sessions, world):
    judged, _ = judged_with_slots(sessions, [], world.calendars, world.surroundings)
    return [found(one) for one in judged]


def by_filing(sessions, world):
    stated = tuple(Stated(**_told(one)) for one in sessions)
    filing = Filing(institution_id=INSTITUTION, label="课表", version=1, sessions=stated)
    judged = judge_timetables(
        [Timetable(timetable_id="t1", filing=filing)],
        REGISTERED,
        world.calendars,
        world.surroundings,
    )
    return [found(one) for one in judged["t1"]]


def by_intake(sessions, world):
    """Judge what was held as the intake tells it, month by month, with no filing beside it."""
    basis = Basis(
        registered=REGISTERED,
        premises=Premises(),
        calendars=world.calendars,
        tolerances=Tolerances(),
        surroundings=world.surroundings,
    )
    held = [Kept(f"{at:03}", _held(at, one)) for at, one in enumerate(sessions)]
    codes = {}
    for month in {month_of(one.on) for one in sessions}:
        for one in judge_month(month, held, [], basis):
            codes[one.kept.session_id] = found(one.judged)
    return [codes[one.session_id] for one in held]


def by_patrol(sessions, world):
    codes = {}
    for day in {one.on for one in sessions}:
        places = [at for at, one in enumerate(sessions) if one.on == day]
        planned = ([sessions[at] for at in places], world.surroundings)
        # Another institution's day beside it has no part in it.
        [classes, _] = judge_day([planned, planned], world.calendars)
        codes |= {at: found(one.judged) for at, one in zip(places, classes, strict=True)}
    return [codes[at] for at in range(len(sessions))]


def by_bulk(sessions, world):
    """Judge a file's frame; a class is told by its start and its group, which are its own here."""
    frame = frame_of(sessions, world.surroundings)
    named = frame.select(pl.lit("i1").alias("institution"), pl.all())
    breaches = Rechecker(world.calendars).take(named.sort("on", maintain_order=True))
    places = {key: at for at, key in enumerate(frame.select("on", "start", "class_group").rows())}
    codes = [set() for _ in sessions]
    for *key, rule in breaches.select("on", "start", "class_group", "rule").rows():
        codes[places[tuple(key)]].add(rule.removeprefix("schedule."))
    return [frozenset(one) for one in codes]


WAYS = (by_check, by_filing, by_intake, by_patrol, by_bulk)


def a_case(seed):
    rng = a_source(seed)
    world = a_world(rng)
    told = {(one.on, one.start, one.class_group): one for one in a_timetable(rng, size=SIZE)}
    return [told[key] for key in sorted(told)], world


def _told(session):
    names = ("on", "start", "end", "class_group", "stage", "kind", "mode", "setting")
    return {name: getattr(session, name) for name in names}


def _held(at, session):
    setting = session.setting
    heads = len(setting.roster) if setting.students is None else setting.students
    return HeldSession(
        sender=Sender("institution", INSTITUTION),
        reference=f"{at:03}",
        version=1,
        institution_id=INSTITUTION,
        started_at=datetime.combine(session.on, session.start, CITY_TIME),
        ended_at=datetime.combine(session.on, session.end, CITY_TIME),
        class_group=session.class_group,
        stage=session.stage,
        head_count=heads,
        attended=setting.roster,
        kind=session.kind,
        mode=session.mode,
        course=setting.course,
        teacher=setting.teacher,
        room=setting.room,
        site=setting.site,
        delivery=setting.delivery,
    )


@pytest.mark.parametrize("block", range(5))
def test_random_timetables_are_judged_alike_by_every_way_and_as_the_law_says(block):
    for seed in range(block * 20, (block + 1) * 20):
        sessions, world = a_case(seed)
        expected = [frozenset(broken(sessions, at, world)) for at in range(len(sessions))]

        for way in WAYS:
            assert way(sessions, world) == expected, (seed, way.__name__)


def test_that_breaks_every_rule_on_classes():
    codes = set()
    for seed in range(100):
        sessions, world = a_case(seed)
        codes |= {
            f"schedule.{it}" for at in range(len(sessions)) for it in broken(sessions, at, world)
        }

    assert codes == set(RULE_CODES)
