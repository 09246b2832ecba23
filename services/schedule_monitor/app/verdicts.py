"""What planned and held classes come to as verdicts: one for each rule and month."""

from collections import defaultdict
from collections.abc import Iterable

from services.schedule_monitor.domain.breaches import Breach
from services.schedule_monitor.domain.calendar import named
from services.schedule_monitor.domain.held_breaches import HeldBreach
from services.schedule_monitor.domain.rules.cards import CARDS, LEVELS
from services.schedule_monitor.domain.rules.times import ONLINE_END
from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.domain.visit import Confirmed
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.duties.routing import RoutingDecision, route


def verdicts_on(
    planned: Iterable[Breach],
    held: Iterable[HeldBreach],
    confirmed: Iterable[Confirmed] = (),
    *,
    about: About,
    registered: Registered,
    causes: tuple[str, ...],
) -> list[Verdict]:
    """Return the verdicts on an institution; a rule broken by plan and in fact is one alert.

    Its findings are told apart: what is planned counts ``sessions``, what was held ``held``, what
    visits confirmed ``visits``.
    """
    found: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    online: set[tuple[str, str]] = set()
    for breach in planned:
        place = (breach.month, breach.rule.card.code)
        found[place].append(_planned(breach))
        online |= {place} if breach.online else set()
    for kept in held:
        if kept.rule not in CARDS:
            # Kept by a version that knew a rule which this one does not.
            continue
        place = (kept.month, kept.rule)
        found[place].append(_held(kept))
        online |= {place} if kept.online else set()
    for seen in confirmed:
        # Rules of others are theirs to raise: they hear of the visit themselves.
        if seen.rule in CARDS:
            place = (seen.month, seen.rule)
            found[place].append(_confirmed(seen))
            online |= {place} if seen.online else set()
    return [
        Verdict(
            about=about,
            rule=RuleFacts.of(CARDS[code]),
            window=month,
            findings=tuple(found[month, code]),
            route=route_of_institution(code, registered, online=(month, code) in online),
            causes=causes,
        )
        for month, code in sorted(found)
    ]


def route_of_institution(code: str, registered: Registered, *, online: bool) -> RoutingDecision:
    """Where classes of a rule on days are online, who assists with online classes does so too."""
    competent = registered.competent_department
    decision = route(code, competent=competent, town=registered.town)
    if not online or any(it.role == "assist" for it in decision.deliveries):
        return decision
    assisting = [
        it for it in route(ONLINE_END.code, competent=competent).deliveries if it.role == "assist"
    ]
    return RoutingDecision(decision.lead, (*decision.deliveries, *assisting))


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


def _confirmed(seen: Confirmed) -> Finding:
    card = CARDS[seen.rule]
    return Finding(
        rule=RuleFacts.of(card),
        level=LEVELS[seen.rule],
        message=f"本月有{len(seen.visits)}次巡查确认：{card.title}，首次{named(seen.first_on)}",
        figures={"visits": len(seen.visits)},
        events=tuple(f"visit {one}" for one in seen.visits),
    )
