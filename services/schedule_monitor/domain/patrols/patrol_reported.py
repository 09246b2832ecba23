"""Reasons in practices that were reported of an institution: somebody has to go and look."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.schedule_monitor.domain.patrols.patrol_reason import (
    Known,
    Reason,
    cleared_by,
    within,
    worded,
)
from services.schedule_monitor.domain.patrols.patrol_weights import REPEAT_DAYS, Weights
from services.schedule_monitor.domain.practices.reported import Reported
from services.schedule_monitor.domain.rules.practices import PracticeRule
from shared.rules import Level


def reported_reasons(known: Known, day: date, weights: Weights) -> Iterator[Reason]:
    """Give what was reported lately; what a later visit looked into and did not find is left out.

    A report that a visit made is left to the visit, which weighs more.
    """
    visits = {visit.visit_id for visit in known.visits}
    cleared = cleared_by(known.visits)
    by_rule: dict[PracticeRule, list[Reported]] = {}
    for one in known.reported:
        recent = within(one.on, day, REPEAT_DAYS)
        looked_into = one.on <= cleared.get(one.rule.card.code, date.min)
        if recent and not looked_into and one.visit_id not in visits:
            by_rule.setdefault(one.rule, []).append(one)
    for rule, some in by_rule.items():
        yield _reason(rule, some, weights)


def _reason(rule: PracticeRule, some: Sequence[Reported], weights: Weights) -> Reason:
    clues = sum(one.clue for one in some)
    standing = [f"已认定{len(some) - clues}件"] if clues < len(some) else []
    standing += [f"线索{clues}件"] if clues else []
    level: Level = "red" if any(one.level == "red" for one in some) else "yellow"
    return Reason(
        kind="reported",
        points=weights.of("reported", level),
        message=worded(
            f"近{REPEAT_DAYS}天有反映：{rule.card.title}（{'，'.join(standing)}），"
            f"最近{max(one.on for one in some)}"
        ),
        article=rule.card.article,
        rule=rule.card.code,
    )
