"""The alerts that a month's unlawful sightings of one subject make together."""

from collections.abc import Sequence
from typing import Final

from services.ads_watch.domain.checking import Matter
from services.ads_watch.domain.rules.cards import RULES
from services.ads_watch.domain.sighting import Sighting
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.duties.routing import route

RED_FROM: Final = 3
"""From so many in a month on it is no single lapse. A proposed default."""


def verdicts_of(sightings: Sequence[Sighting]) -> list[Verdict]:
    """Judge a month whole: in whatever order its sightings came, the verdicts are the same."""
    ordered = sorted(sightings, key=lambda one: (one.seen.seen_at, one.digest))
    by_rule: dict[str, list[tuple[Sighting, Matter]]] = {}
    for sighting in ordered:
        for matter in sighting.checked.matters:
            by_rule.setdefault(matter.rule.code, []).append((sighting, matter))
    return [_verdict(code, found) for code, found in by_rule.items()]


def _verdict(code: str, found: Sequence[tuple[Sighting, Matter]]) -> Verdict:
    (first, matter), rule = found[0], RuleFacts.of(RULES[code])
    subject = first.seen.subject
    ids = tuple(sorted({sighting.sighting_id for sighting, _ in found}))
    finding = Finding(
        rule=rule,
        level="red" if len(ids) >= RED_FROM else "yellow",
        message=f"本月发现{len(ids)}处广告：{matter.explanation}",
        figures={"sightings": len(ids)},
        events=ids,
    )
    return Verdict(
        about=About(subject.kind, subject.id, subject.name),
        rule=rule,
        window=first.month,
        findings=(finding,),
        route=route(code, competent=None),
        causes=ids[:10],
    )
