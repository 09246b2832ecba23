"""Judge classes by the law of their day: lawful, unlawful, or not to be said without a calendar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final, Literal

from services.schedule_monitor.domain.calendar import CityDay
from services.schedule_monitor.domain.calendars import Calendars
from services.schedule_monitor.domain.rules import articles
from services.schedule_monitor.domain.rules.case import Case, Rule
from services.schedule_monitor.domain.rules.days import DAY_RULES
from services.schedule_monitor.domain.rules.preschool import PRESCHOOL_RULES
from services.schedule_monitor.domain.rules.times import TIME_RULES
from services.schedule_monitor.domain.school_calendar import SchoolDay, school_day
from services.schedule_monitor.domain.session import STAGE_NAMES, Session, Stage
from services.schedule_monitor.domain.surroundings import NOTHING_FILED, Surroundings

Verdict = Literal["lawful", "unlawful", "calendar_incomplete"]
VERDICTS: Final[tuple[Verdict, ...]] = ("lawful", "unlawful", "calendar_incomplete")
RULES: Final[tuple[Rule, ...]] = (*PRESCHOOL_RULES, *DAY_RULES, *TIME_RULES)


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
    surroundings: Surroundings = NOTHING_FILED,  # noqa: ARG001  (read by the rules to come)
) -> list[Judged]:
    """Judge classes of one institution in the order given, all of a day seen together."""
    days: dict[date, CityDay] = {}
    school_days: dict[tuple[Stage, date], SchoolDay] = {}
    before = _ended_before(sessions)
    judged = []
    for index, session in enumerate(sessions):
        on, stage = session.on, session.stage
        if on not in days:
            days[on] = calendars.city.day(on)
        if (stage, on) not in school_days:
            school_days[stage, on] = school_day(calendars.schools, stage, on)
        case = Case(
            session=session,
            day=days[on],
            school=school_days[stage, on],
            adjusted_workday=calendars.policies.adjusted_workday_on(on),
            before=before.get(index),
        )
        judged.append(judge(case))
    return judged


def judge(case: Case) -> Judged:
    """Judge one class by every rule in force on its day."""
    findings = tuple(
        Found(rule, message)
        for rule in RULES
        if rule.card.article.applies_on(case.session.on)
        and (message := rule.judge(case)) is not None
    )
    missing = () if findings else _missing(case)
    verdict: Verdict = "unlawful" if findings else "calendar_incomplete" if missing else "lawful"
    return Judged(
        session=case.session,
        day=case.day,
        verdict=verdict,
        findings=findings,
        notes=_notes(case),
        missing=missing,
    )


def day_for_subject_classes(on: date, stage: Stage, calendars: Calendars) -> Judged:
    """Judge a day by a class that breaks no rule but those of days: offline, in the morning."""
    session = Session(
        on=on,
        start=time(10),
        end=time(11),
        class_group="",
        stage=stage,
        kind="subject",
        mode="offline",
    )
    return judge_sessions([session], calendars)[0]


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


def _ended_before(sessions: Sequence[Session]) -> dict[int, Session]:
    """Return, by index, the online class of the group and day that ended last before this began.

    A long class may still run when two others have begun and ended, so the latest end counts.
    """
    order = sorted(
        (index for index, one in enumerate(sessions) if one.mode == "online"),
        key=lambda index: (sessions[index].on, sessions[index].start, sessions[index].end, index),
    )
    latest: dict[tuple[date, str], Session] = {}
    before: dict[int, Session] = {}
    for index in order:
        session = sessions[index]
        group = (session.on, session.class_group)
        earlier = latest.get(group)
        if earlier is not None:
            before[index] = earlier
        if earlier is None or session.end > earlier.end:
            latest[group] = session
    return before


def _missing(case: Case) -> tuple[str, ...]:
    if not _days_matter(case):
        return ()
    missing = []
    if case.day.kind is None:
        missing.append(f"{case.session.on.year}年国务院放假通知")
    if not case.school.covered:
        missing.append(f"覆盖{case.session.on.isoformat()}的{STAGE_NAMES[case.session.stage]}校历")
    return tuple(missing)


def _notes(case: Case) -> tuple[str, ...]:
    notes = list(case.session.remarks)
    if not _days_matter(case):
        return tuple(notes)
    if case.day.kind == "adjusted_workday" and case.adjusted_workday == "workday":
        notes.append("调休上班日按政策开关视为工作日：这是可更改的政策决定，不是法律明文")
    if case.day.caveat is not None:
        notes.append(case.day.caveat)
    return tuple(notes)


def _days_matter(case: Case) -> bool:
    """Only subject classes are kept off certain days, and only since that rule is in force."""
    return case.session.kind == "subject" and articles.DAYS.applies_on(case.session.on)
