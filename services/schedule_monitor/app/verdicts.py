"""What planned and held classes come to as verdicts: one for each rule and month."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from services.schedule_monitor.domain.breaches import Breach
from services.schedule_monitor.domain.evaluation import RULES
from services.schedule_monitor.domain.held_breaches import HeldBreach
from services.schedule_monitor.domain.premises import Premises
from services.schedule_monitor.domain.rules.held import HELD_RULES
from services.schedule_monitor.domain.rules.times import ONLINE_END
from services.schedule_monitor.domain.session import Registered
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.duties.routing import RoutingDecision, route
from shared.rules import RuleCard

CARDS: Final[dict[str, RuleCard]] = {
    card.code: card
    for card in (*(rule.card for rule in RULES), *(rule.card for rule in HELD_RULES))
}


def verdicts_on(
    planned: Iterable[Breach],
    held: Iterable[HeldBreach],
    *,
    about: About,
    registered: Registered,
    premises: Premises,
    causes: tuple[str, ...],
) -> list[Verdict]:
    """Return the verdicts on an institution; a rule broken by plan and in fact is one alert.

    Its two findings are told apart: what is planned counts ``sessions``, what was held ``held``.
    """
    found: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    online: set[tuple[str, str]] = set()
    sites: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for breach in planned:
        place = (breach.month, breach.rule.card.code)
        found[place].append(_planned(breach))
        online |= {place} if breach.online else set()
        sites[place].update(breach.sites)
    for kept in held:
        if kept.rule not in CARDS:
            # Kept by a version that knew a rule which this one does not.
            continue
        place = (kept.month, kept.rule)
        found[place].append(_held(kept))
        online |= {place} if kept.online else set()
        sites[place].update(kept.sites)
    return [
        Verdict(
            about=about,
            rule=RuleFacts.of(CARDS[code]),
            window=month,
            findings=tuple(found[month, code]),
            route=_route(
                code,
                registered,
                towns=premises.towns(sorted(sites[month, code]), registered),
                online=(month, code) in online,
            ),
            causes=causes,
        )
        for month, code in sorted(found)
    ]


def _route(
    code: str, registered: Registered, *, towns: Sequence[str], online: bool
) -> RoutingDecision:
    """Where classes of a rule on days are online, who assists with online classes does so too.

    Every town is informed in which one of the classes is held.
    """
    competent = registered.competent_department
    decision = _with_towns(code, competent, towns)
    if not online or any(it.role == "assist" for it in decision.deliveries):
        return decision
    assisting = [
        it for it in route(ONLINE_END.code, competent=competent).deliveries if it.role == "assist"
    ]
    return RoutingDecision(decision.lead, (*decision.deliveries, *assisting))


def _with_towns(code: str, competent: str, towns: Sequence[str]) -> RoutingDecision:
    first, *others = towns
    decision = route(code, competent=competent, town=first)
    informed = [
        it
        for town in others
        for it in route(code, competent=competent, town=town).deliveries
        if it.department == town
    ]
    return RoutingDecision(decision.lead, (*decision.deliveries, *informed))


def _planned(breach: Breach) -> Finding:
    return Finding(
        rule=RuleFacts.of(breach.rule.card),
        level=breach.rule.level,
        message=breach.message,
        figures=breach.figures,
        events=breach.references,
    )


def _held(breach: HeldBreach) -> Finding:
    return Finding(
        rule=RuleFacts.of(CARDS[breach.rule]),
        level=breach.level,
        message=breach.message,
        figures=breach.figures,
        events=breach.references,
    )
