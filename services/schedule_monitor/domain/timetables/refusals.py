"""Classes that a check before filing found unlawful: whoever holds one all the same was told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.schedule_monitor.domain.judge import Judged
from shared.city_time import CITY_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedClass:
    """A class as it was asked about, and the rules that the answer named; clues are none."""

    on: date
    start: time
    class_group: str
    course: str | None
    rules: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The first receipt by which an institution was told that a class is unlawful."""

    receipt_id: str
    asked_at: datetime
    refused: RefusedClass


def refused_classes(judged: Iterable[Judged]) -> list[RefusedClass]:
    """Return what a check found unlawful."""
    return [
        RefusedClass(
            on=one.session.on,
            start=one.session.start,
            class_group=one.session.class_group,
            course=one.session.setting.course,
            rules=broken_by(one),
        )
        for one in judged
        if one.verdict == "unlawful"
    ]


def broken_by(judged: Judged) -> frozenset[str]:
    """Return the rules that make a class unlawful."""
    return frozenset(one.rule.card.code for one in judged.findings if not one.rule.review)


def refusal_of(
    judged: Judged, started_at: datetime, refusals: Sequence[Refusal], tolerance: timedelta
) -> Refusal | None:
    """Return by which receipt a held session had been refused before it began, if it was.

    It is the class that was asked about when the day and the group or the course are the same and
    the start is within the tolerance, and when it breaks one of the very rules that were named: a
    session that was mended after the answer, or has become lawful since, was not refused.
    """
    session, broken = judged.session, broken_by(judged)
    found = [
        one
        for one in refusals
        if one.asked_at < started_at
        and one.refused.on == session.on
        and _same_class(one.refused, session.class_group, session.setting.course)
        and abs(started_at - _began(one.refused)) <= tolerance
        and one.refused.rules & broken
    ]
    return min(found, key=lambda one: (one.asked_at, one.receipt_id), default=None)


def _same_class(refused: RefusedClass, class_group: str, course: str | None) -> bool:
    same_course = refused.course is not None and refused.course == course
    return refused.class_group == class_group or same_course


def _began(refused: RefusedClass) -> datetime:
    return datetime.combine(refused.on, refused.start, CITY_TIME)
