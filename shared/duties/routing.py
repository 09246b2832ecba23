"""Which departments a kind of finding goes to, in which role, and by which line of the plan.

The routes of each service stand in a file of their own below ``routes``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from shared.duties.departments import name_of
from shared.duties.parties import (
    COMPETENT,
    IN_CHARGE,
    ROLE_NAMES,
    WHERE_NONE_IS,
    Party,
    Role,
    Route,
)
from shared.duties.routes import ads_watch, fund_monitor, registry, schedule_monitor

ROUTES: Final[dict[str, Route]] = {
    **schedule_monitor.ROUTES,
    **registry.ROUTES,
    **fund_monitor.ROUTES,
    **ads_watch.ROUTES,
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One department that receives an alert, its role, and why it is that department's matter."""

    department: str
    role: Role
    reason: str
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoutingDecision:
    """To whom one case goes. The lead comes first in the deliveries; nobody appears twice."""

    lead: str
    deliveries: tuple[Delivery, ...]


def route(kind: str, *, competent: str | None, town: str | None = None) -> RoutingDecision:
    """Decide where a finding of this kind goes, given who is in charge and its town, if known."""
    planned = ROUTES[kind]
    lead = _delivery(planned.lead, "lead", competent)
    return RoutingDecision(
        lead.department,
        (
            lead,
            *_others(planned.assist, "assist", competent, besides={lead.department}),
            *_others(
                planned.inform,
                "inform",
                competent,
                besides={lead.department, *(party.department for party in planned.assist)},
            ),
            *_of_its_town(planned, town),
        ),
    )


def route_of_platform(kind: str) -> RoutingDecision:
    """Decide where a finding about a platform goes: its keeper leads, whoever else would assists.

    A kind that has no such keeper goes where it goes with nobody known to be in charge.
    """
    usual = route(kind, competent=None)
    keeper = ROUTES[kind].of_platform
    if keeper is None:
        return usual
    lead = Delivery(keeper.department, "lead", keeper.reason, keeper.grounds)
    first, *others = usual.deliveries
    rest = [it for it in others if it.department != lead.department]
    return RoutingDecision(lead.department, (lead, replace(first, role="assist"), *rest))


def explain(delivery: Delivery) -> str:
    """Say in one sentence who receives an alert, as what, and why."""
    return f"{name_of(delivery.department)}（{ROLE_NAMES[delivery.role]}）：{delivery.reason}"


def _delivery(planned: Party, role: Role, competent: str | None) -> Delivery:
    if planned.department != COMPETENT:
        return Delivery(planned.department, role, planned.reason, planned.grounds)
    chosen = next((it for it in IN_CHARGE if it.department == competent), WHERE_NONE_IS)
    return Delivery(
        chosen.department,
        role,
        planned.reason + chosen.reason,
        (*planned.grounds, *chosen.grounds),
    )


def _of_its_town(planned: Route, town: str | None) -> tuple[Delivery, ...]:
    if planned.town is None or town is None:
        return ()
    return (Delivery(town, "inform", planned.town.reason, planned.town.grounds),)


def _others(
    parties: Iterable[Party], role: Role, competent: str | None, *, besides: set[str]
) -> tuple[Delivery, ...]:
    deliveries = (_delivery(party, role, competent) for party in parties)
    return tuple(one for one in deliveries if one.department not in besides)
