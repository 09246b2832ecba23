"""Judge classes by the law of their day: lawful, unlawful, or not to be said without a calendar."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache, partial
from typing import Final, Literal

import polars as pl

from services.schedule_monitor.domain.calendars.calendar import CityDay
from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.day_facts import DayFacts, day_facts
from services.schedule_monitor.domain.calendars.policies import Policies
from services.schedule_monitor.domain.evaluation import found_in
from services.schedule_monitor.domain.facts import DayOf, with_facts
from services.schedule_monitor.domain.frames import area_of, course_of, frame_of, room_of
from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.columns import (
    GROUP_BUSY_UNTIL,
    ON,
    ROOM_BUSY_UNTIL,
    STUDENT_BUSY_UNTIL,
    TEACHER_BUSY_UNTIL,
    wall_time,
)
from services.schedule_monitor.domain.rules.rule import Case, Rule
from services.schedule_monitor.domain.session import STAGE_NAMES, Session, Stage
from services.schedule_monitor.domain.timetables.surroundings import NOTHING_FILED, Surroundings

Verdict = Literal["lawful", "unlawful", "calendar_incomplete"]
VERDICTS: Final[tuple[Verdict, ...]] = ("lawful", "unlawful", "calendar_incomplete")
_UNTIL: Final = (
    GROUP_BUSY_UNTIL.alias("group_until"),
    STUDENT_BUSY_UNTIL.alias("student_until"),
    TEACHER_BUSY_UNTIL.alias("teacher_until"),
    ROOM_BUSY_UNTIL.alias("room_until"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One rule that a class breaks, and how, in words."""

    rule: Rule
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A class with what the rules say of it; ``missing`` names the calendars that were needed."""

    session: Session
    day: CityDay
    verdict: Verdict
    findings: tuple[Found, ...]
    notes: tuple[str, ...]
    missing: tuple[str, ...]


def judge_sessions(
    sessions: Sequence[Session],
    calendars: Calendars,
    surroundings: Surroundings = NOTHING_FILED,
) -> list[Judged]:
    """Judge classes of one institution in the order given, all of a day seen together."""
    if not sessions:
        return []

    @cache
    def day_of(stage: Stage, on: date) -> DayFacts:
        return day_facts(stage, on, calendars)

    frame = with_facts(frame_of(sessions, surroundings), day_of, unit=ON.to_physical())
    placed = [(session, surroundings) for session in sessions]
    return judged_in(frame, placed, day_of, calendars.policies)


def judged_in(
    frame: pl.DataFrame,
    placed: Sequence[tuple[Session, Surroundings]],
    day_of: DayOf,
    policies: Policies,
) -> list[Judged]:
    """Return what is found in a frame with facts, of the class of each row in its surroundings."""
    broken, lacking = found_in(frame)
    until = frame.select(_UNTIL).rows(named=True) if broken else []
    judged = []
    for index, (session, surroundings) in enumerate(placed):
        facts = day_of(session.stage, session.on)
        findings: tuple[Found, ...] = ()
        if index in broken:
            case = Case(
                session=session,
                facts=facts,
                course=course_of(session, surroundings),
                room=room_of(session, surroundings),
                area_m2=area_of(session, surroundings),
                **{name: at and wall_time(at) for name, at in until[index].items()},
            )
            findings = tuple(Found(rule, rule.message(case)) for rule in broken[index])
        judged.append(_judged(session, facts, findings, lacking.get(index, ()), policies))
    return judged


def lawfulness(
    calendars: Calendars, surroundings: Surroundings = NOTHING_FILED
) -> Callable[[Sequence[Session]], list[bool]]:
    """Return what says of classes, all of a day seen together, whether each is lawful, no more."""
    day_of = cache(partial(day_facts, calendars=calendars))

    def lawful(sessions: Sequence[Session]) -> list[bool]:
        if not sessions:
            return []
        frame = frame_of(sessions, surroundings)
        broken, lacking = found_in(with_facts(frame, day_of, unit=ON.to_physical()))
        wrong = {row for row, rules in broken.items() if any(not rule.review for rule in rules)}
        wrong |= lacking.keys()
        return [row not in wrong for row in range(len(sessions))]

    return lawful


def _judged(
    session: Session,
    facts: DayFacts,
    findings: tuple[Found, ...],
    lacking: Sequence[str],
    policies: Policies,
) -> Judged:
    unlawful = any(not found.rule.review for found in findings)
    missing = () if unlawful else _missing(lacking, session)
    verdict: Verdict = "unlawful" if unlawful else "calendar_incomplete" if missing else "lawful"
    return Judged(
        session=session,
        day=facts.day,
        verdict=verdict,
        findings=findings,
        notes=_notes(session, facts, policies),
        missing=missing,
    )


def day_for_subject_classes(on: date, stage: Stage, calendars: Calendars) -> Judged:
    """Judge a day by a class that breaks no rule but those of days: offline, in the morning."""
    return judge_sessions([_morning_class(on, stage)], calendars)[0]


def days_for_subject_classes(
    days: Iterable[date], calendars: Calendars
) -> dict[tuple[date, Stage], Judged]:
    """Judge many days in the same way, of every stage, together."""
    classes = [_morning_class(on, stage) for on in days for stage in STAGE_NAMES]
    judged = judge_sessions(classes, calendars)
    return {(one.session.on, one.session.stage): one for one in judged}


def _morning_class(on: date, stage: Stage) -> Session:
    return Session(
        on=on,
        start=time(10),
        end=time(11),
        class_group="",
        stage=stage,
        kind="subject",
        mode="offline",
    )


def verdict_of(judged: Iterable[Judged]) -> Verdict:
    """Return the verdict on all: one unlawful class makes it so, then one that cannot be judged."""
    found = {one.verdict for one in judged}
    if "unlawful" in found:
        return "unlawful"
    return "calendar_incomplete" if "calendar_incomplete" in found else "lawful"


def counts_of(judged: Iterable[Judged]) -> dict[Verdict, int]:
    """Count classes by verdict."""
    counts: dict[Verdict, int] = dict.fromkeys(VERDICTS, 0)
    for one in judged:
        counts[one.verdict] += 1
    return counts


def _missing(lacking: Sequence[str], session: Session) -> tuple[str, ...]:
    on, stage = session.on.isoformat(), STAGE_NAMES[session.stage]
    words = {
        "no_notice": f"{session.on.year}年国务院放假通知",
        "no_school_year": f"覆盖{on}的{stage}校历",
        "no_school_hours": f"{on}的{stage}学校教学时间",
    }
    return tuple(words[name] for name in lacking)


def _notes(session: Session, facts: DayFacts, policies: Policies) -> tuple[str, ...]:
    notes = list(session.remarks)
    # Only subject classes are kept off certain days, and only since that rule is in force.
    if session.kind != "subject" or not articles.DAYS.applies_on(session.on):
        return tuple(notes)
    if facts.exempt:
        notes.append(policies.note_on("senior_secondary", session.on))
    elif facts.day.kind == "adjusted_workday" and not facts.adjusted_is_rest:
        notes.append(policies.note_on("adjusted_workdays", session.on))
    if facts.day.caveat is not None:
        notes.append(facts.day.caveat)
    return tuple(notes)
