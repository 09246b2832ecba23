"""What planned and held classes come to as verdicts: one for each rule and month."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.schedule_monitor.domain.breaches import Breach
from services.schedule_monitor.domain.calendars.calendar import named
from services.schedule_monitor.domain.held.held_breaches import HeldBreach
from services.schedule_monitor.domain.patrols.visit import Confirmed
from services.schedule_monitor.domain.premises import Premises
from services.schedule_monitor.domain.rules.cards import CARDS_OF_CLASSES, LEVELS
from services.schedule_monitor.domain.rules.times import ONLINE_END
from services.schedule_monitor.domain.session import Registered
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.duties.routing import RoutingDecision, route


@dataclass(frozen=True, slots=True, kw_only=True)
class Breached:
    """What of an institution's classes breaks a rule: as planned, as held, as visits confirmed."""

    planned: Iterable[Breach]
    held: Iterable[HeldBreach]
    confirmed: Iterable[Confirmed] = ()


def verdicts_on(
    breached: Breached,
    *,
    about: About,
    registered: Registered,
    premises: Premises,
    causes: tuple[str, ...],
) -> list[Verdict]:
    """Return the verdicts on an institution; a rule broken by plan and in fact is one alert.

    Its findings are told apart: what is planned counts ``sessions``, what was held ``held``, what
    visits confirmed ``visits``.
    """
    found: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    online: set[tuple[str, str]] = set()
    sites: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for breach in breached.planned:
        place = (breach.month, breach.rule.card.code)
        found[place].append(_planned(breach))
        online |= {place} if breach.online else set()
        sites[place].update(breach.sites)
    for kept in breached.held:
        if kept.rule not in CARDS_OF_CLASSES:
            # Kept by a version that knew a rule which this one does not.
            continue
        place = (kept.month, kept.rule)
        found[place].append(_held(kept))
        online |= {place} if kept.online else set()
        sites[place].update(kept.sites)
    for seen in breached.confirmed:
        # A practice is raised by its report, and what another service keeps is raised there.
        if seen.rule in CARDS_OF_CLASSES:
            place = (seen.month, seen.rule)
            found[place].append(_confirmed(seen))
            online |= {place} if seen.online else set()
    return [
        Verdict(
            about=about,
            rule=RuleFacts.of(CARDS_OF_CLASSES[code]),
            window=month,
            findings=tuple(found[month, code]),
            route=route_of_institution(
                code,
                registered,
                towns=premises.towns(sorted(sites[month, code]), registered),
                online=(month, code) in online,
            ),
            causes=causes,
        )
        for month, code in sorted(found)
    ]


def route_of_institution(
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
        rule=RuleFacts.of(CARDS_OF_CLASSES[breach.rule]),
        level=breach.level,
        message=breach.message,
        figures=breach.figures,
        events=breach.references,
    )


def _confirmed(seen: Confirmed) -> Finding:
    card = CARDS_OF_CLASSES[seen.rule]
    return Finding(
        rule=RuleFacts.of(card),
        level=LEVELS[seen.rule],
        message=f"本月有{len(seen.visits)}次巡查确认：{card.title}，首次{named(seen.first_on)}",
        figures={"visits": len(seen.visits)},
        events=tuple(f"visit {one}" for one in seen.visits),
    )
