"""To whom an alert goes: along its rule's route, then as it was handed over and carried up."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from shared.alerts.history import Escalation, Transfer
from shared.alerts.model import Delivery
from shared.duties import routing
from shared.duties.departments import name_of
from shared.duties.routing import RoutingDecision


def lead_of(route: RoutingDecision, transfers: tuple[Transfer, ...]) -> str:
    """Return who leads: the department it was last handed to, else the one the route names."""
    return transfers[-1].to_department if transfers else route.lead


def delivered(
    route: RoutingDecision,
    transfers: tuple[Transfer, ...],
    escalations: tuple[Escalation, ...],
    known: Iterable[Delivery],
) -> tuple[Delivery, ...]:
    """Deliver to all parties; a department that keeps its role keeps its acknowledgement."""
    seen = {(it.department, it.role): it for it in known}
    parties: dict[str, routing.Delivery] = {}
    for party in (*_led(route, transfers), *_carried_up_to(escalations)):
        parties.setdefault(party.department, party)
    return tuple(
        replace(
            seen.get(
                (party.department, party.role),
                Delivery(department=party.department, role=party.role, reason=party.reason),
            ),
            reason=party.reason,
        )
        for party in parties.values()
    )


def _led(route: RoutingDecision, transfers: tuple[Transfer, ...]) -> Iterator[routing.Delivery]:
    if not transfers:
        yield from route.deliveries
        return
    last = transfers[-1]
    reason = f"由{name_of(last.from_department)}移交牵头：{last.reason}"
    yield routing.Delivery(last.to_department, "lead", reason)
    for transfer in transfers:
        name = name_of(transfer.to_department)
        yield routing.Delivery(
            transfer.from_department, "assist", f"原牵头部门，已移交{name}，转为协同。"
        )
    for party in route.deliveries:
        yield replace(party, role="assist") if party.role == "lead" else party


def _carried_up_to(escalations: tuple[Escalation, ...]) -> Iterator[routing.Delivery]:
    for escalation in escalations:
        if escalation.to_department is not None:
            yield routing.Delivery(escalation.to_department, "inform", escalation.reason)
