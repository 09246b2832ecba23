"""What reports of practice come to as verdicts: one for each rule and month."""

from collections.abc import Iterable

from services.schedule_monitor.app.verdicts import route_of_institution
from services.schedule_monitor.domain.practices.practice import Report
from services.schedule_monitor.domain.practices.practice_breaches import (
    PracticeBreach,
    practice_breaches,
)
from services.schedule_monitor.domain.session import Registered
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.duties.routing import RoutingDecision, route_of_platform


def practice_verdicts(
    reports: Iterable[Report],
    registered: Registered | None,
    *,
    about: About,
    causes: tuple[str, ...],
) -> list[Verdict]:
    """Return the verdicts on an institution or, where none is registered, on a platform."""
    return [
        Verdict(
            about=about,
            rule=RuleFacts.of(breach.rule.card),
            window=breach.month,
            findings=(
                Finding(
                    rule=RuleFacts.of(breach.rule.card),
                    level=breach.level,
                    message=breach.message,
                    figures=breach.figures,
                    events=breach.references,
                ),
            ),
            route=_route(breach, registered),
            causes=causes,
        )
        for breach in practice_breaches(reports, registered)
    ]


def _route(breach: PracticeBreach, registered: Registered | None) -> RoutingDecision:
    code = breach.rule.card.code
    if registered is None:
        return route_of_platform(code)
    return route_of_institution(code, registered, towns=(registered.town,), online=breach.online)
