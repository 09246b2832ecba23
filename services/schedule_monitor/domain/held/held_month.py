"""The held sessions of an institution's month, judged by the same rules as what was filed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.held.comparison import FiledClass, Pairs, Tolerances, pairs_of
from services.schedule_monitor.domain.held.held import HeldSession, Kept
from services.schedule_monitor.domain.judge import Judged, judge_sessions
from services.schedule_monitor.domain.premises import Doubt, Premises, doubt_of
from services.schedule_monitor.domain.rules.held import HELD_RULES, HeldCase, HeldFound
from services.schedule_monitor.domain.session import (
    Registered,
    Session,
    Setting,
    Stated,
    as_registered,
)
from services.schedule_monitor.domain.timetables.refusals import Refusal, refusal_of
from services.schedule_monitor.domain.timetables.surroundings import NOTHING_FILED, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Everything held sessions of an institution are judged by."""

    registered: Registered
    premises: Premises
    calendars: Calendars
    tolerances: Tolerances
    surroundings: Surroundings = NOTHING_FILED


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldJudged:
    """A held session: how what happened is judged, its filed class, and what the two differ in."""

    kept: Kept
    judged: Judged
    filed: FiledClass | None
    findings: tuple[HeldFound, ...]
    doubt: Doubt | None

    @property
    def filed_rules(self) -> frozenset[str]:
        """The rules that its class breaks as it stands filed: the plan's alert has it already."""
        if self.filed is None or self.filed.dropped_at is not None:
            return frozenset()
        return frozenset(found.rule.card.code for found in self.filed.judged.findings)


def judge_month(
    month: str,
    held: Sequence[Kept],
    filed: Sequence[FiledClass],
    basis: Basis,
    refusals: Sequence[Refusal] = (),
) -> list[HeldJudged]:
    """Judge the standing sessions of a month, in order of sender, time and reference.

    ``held`` has those of the month, and those of other months that name a class filed in it or in
    the days that the month's own sessions name: they take their classes first.
    """
    pairs = pairs_of(held, filed)
    standing = sorted(
        (one for one in held if one.held.month == month and not one.held.withdrawn), key=_order
    )
    judged = _judged_by_sender(standing, pairs, basis)
    return [_compared(one, pairs, judged[one.session_id], basis, refusals) for one in standing]


def _judged_by_sender(standing: Sequence[Kept], pairs: Pairs, basis: Basis) -> Mapping[str, Judged]:
    """Judge each sender's sessions apart: what two tell of one class is no overlap of two."""
    by_sender: dict[str, list[Kept]] = {}
    for one in standing:
        by_sender.setdefault(one.held.sender.key, []).append(one)
    found: dict[str, Judged] = {}
    for theirs in by_sender.values():
        sessions = [
            as_registered(_stated(one.held, pairs.get(one.session_id)), basis.registered)
            for one in theirs
        ]
        judged = judge_sessions(sessions, basis.calendars, basis.surroundings)
        found |= {one.session_id: each for one, each in zip(theirs, judged, strict=True)}
    return found


def _compared(
    one: Kept, pairs: Pairs, judged: Judged, basis: Basis, refusals: Sequence[Refusal]
) -> HeldJudged:
    tolerance = basis.tolerances.on(one.held.on)
    case = HeldCase(
        held=one.held,
        session=judged.session,
        filed=pairs.get(one.session_id),
        tolerance=tolerance,
        refusal=refusal_of(judged, one.held.started_at, refusals, tolerance),
    )
    return HeldJudged(
        kept=one,
        judged=judged,
        filed=case.filed,
        findings=tuple(
            HeldFound(rule, message)
            for rule in HELD_RULES
            if rule.card.article.applies_on(one.held.on)
            and (message := rule.judge(case)) is not None
        ),
        doubt=doubt_of(one.held, judged.session.mode, basis.premises),
    )


def _stated(held: HeldSession, filed: FiledClass | None) -> Stated:
    """Return what happened as a class; what the sender did not tell is taken from the filed one."""
    plan: Session | None = None if filed is None else filed.session
    there = None if plan is None else plan.setting
    setting = Setting(
        course=held.course or (there.course if there else None),
        teacher=held.teacher or (there.teacher if there else None),
        room=held.room or (there.room if there and held.address is None else None),
        site=held.site or (there.site if there and held.address is None else None),
        students=held.head_count,
        # Who has two contracts is two here: the rules on one pupil find less, never more.
        roster=held.attended,
        delivery=held.delivery,
    )
    return Stated(
        on=held.on,
        start=held.start,
        end=held.end,
        class_group=held.class_group,
        stage=held.stage,
        kind=held.kind or (plan.kind if plan else None),
        mode=held.mode or (plan.mode if plan else None),
        setting=setting,
    )


def _order(one: Kept) -> tuple[object, ...]:
    held = one.held
    return (held.sender.key, held.started_at, held.class_group, held.reference)
