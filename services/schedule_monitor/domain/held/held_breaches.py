"""What an institution's held month comes to: breaches by rule, doubts of places, and counts."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.schedule_monitor.domain.calendars.calendar import named
from services.schedule_monitor.domain.held.held_month import HeldJudged
from services.schedule_monitor.domain.judge import VERDICTS
from services.schedule_monitor.domain.premises import Doubt, site_of
from services.schedule_monitor.domain.rules.held import HELD_RULES
from shared.rules import Level

HELD_RULE_CODES = tuple(rule.card.code for rule in HELD_RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBreach:
    """All sessions held in a month against one rule; ``figures`` count sessions as ``held``.

    A session whose filed class breaks the same rule is not among them: the plan's breach has it,
    and that it was held all the same is a finding of its own.
    """

    rule: str
    level: Level
    month: str
    message: str
    references: tuple[str, ...]
    figures: dict[str, int]
    sites: tuple[str, ...] = ()

    @property
    def online(self) -> bool:
        return self.figures["online"] > 0


@dataclass(frozen=True, slots=True, order=True)
class DoubtedPlace:
    """One place at which sessions of a month should not have been held, and why."""

    reason: Doubt
    site: str | None
    address: str | None
    sessions: int
    first_on: date
    last_on: date


def held_breaches(month: str, judged: Sequence[HeldJudged]) -> list[HeldBreach]:
    """Gather what was found of held sessions by rule, in order of the rule's code."""
    found: dict[str, list[tuple[HeldJudged, str]]] = {}
    titles: dict[str, tuple[str, Level]] = {}
    for one in judged:
        for broken in one.judged.findings:
            card = broken.rule.card
            if card.code not in one.filed_rules:
                titles[card.code] = (card.title, broken.rule.level)
                found.setdefault(card.code, []).append((one, broken.message))
        for differing in one.findings:
            card = differing.rule.card
            titles[card.code] = (card.title, differing.rule.level)
            found.setdefault(card.code, []).append((one, differing.message))
    return [_breach(code, month, *titles[code], found[code]) for code in sorted(found)]


def doubted_places(judged: Iterable[HeldJudged]) -> tuple[DoubtedPlace, ...]:
    """Gather sessions held where they should not have been, by reason and place."""
    found: dict[tuple[Doubt, str | None, str | None], list[HeldJudged]] = {}
    for one in judged:
        if one.doubt is not None:
            # Which place it was is told by the site where there is one.
            held = one.kept.held
            address = None if held.site is not None else held.address
            found.setdefault((one.doubt, held.site, address), []).append(one)
    places = [
        DoubtedPlace(
            *place,
            len(there),
            min(one.kept.held.on for one in there),
            max(one.kept.held.on for one in there),
        )
        for place, there in found.items()
    ]
    return tuple(sorted(places, key=_written))


def held_counts(judged: Sequence[HeldJudged]) -> dict[str, int]:
    """Count sessions: all, by verdict on what happened, by what they differ in, by doubt."""
    verdicts = Counter(one.judged.verdict for one in judged)
    differing = Counter(found.rule.card.code for one in judged for found in one.findings)
    return {
        "held": len(judged),
        **{verdict: verdicts[verdict] for verdict in VERDICTS},
        **{code.removeprefix("schedule."): differing[code] for code in HELD_RULE_CODES},
        "unapproved_site": sum(one.doubt is not None for one in judged),
    }


def _breach(
    code: str, month: str, title: str, level: Level, found: list[tuple[HeldJudged, str]]
) -> HeldBreach:
    first, message = min(found, key=_earliest)
    held = first.kept.held
    return HeldBreach(
        rule=code,
        level=level,
        month=month,
        message=(
            f"本月实际上课有{len(found)}节：{title}。最早一节：{named(held.on)}"
            f"{held.start}开始，{message}"
        ),
        references=tuple(sorted({_reference(one) for one, _ in found})),
        figures={
            "held": len(found),
            "days": _distinct(found, lambda one: one.kept.held.on),
            "online": sum(one.judged.session.mode == "online" for one, _ in found),
            "class_groups": _distinct(found, lambda one: one.kept.held.class_group),
        },
        sites=tuple(sorted({site_of(one.judged.session) for one, _ in found})),
    )


def _reference(one: HeldJudged) -> str:
    return f"held {one.judged.session.reference}"


def _earliest(pair: tuple[HeldJudged, str]) -> tuple[str, str, str]:
    one, message = pair
    return one.judged.session.reference, message, one.kept.held.identity


def _distinct(found: list[tuple[HeldJudged, str]], of: Callable[[HeldJudged], object]) -> int:
    return len({of(one) for one, _ in found})


def _written(place: DoubtedPlace) -> tuple[str, ...]:
    return place.reason, place.site or "", place.address or ""
