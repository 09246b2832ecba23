"""Why a finding goes where it goes, and where it goes next when nobody acts on it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from shared.duties.departments import body_of, name_of
from shared.duties.grounds import cited
from shared.duties.groups import GROUPS, Group
from shared.duties.parties import COMPETENT, COMPETENT_DEPARTMENTS, Party, Role, Route
from shared.duties.routing import ROUTES, Delivery, RoutingDecision, route

_ESCALATING: Final = tuple(
    group for code in ("general", "supervision") for group in GROUPS if group.code == code
)
_OF_A_TOWN: Final = ("towns.3", "towns.4")
_NOT_FOR_TOWNS: Final = "这类线索不直接送达镇（街道）；辖区机构的日常监管和督促整改仍是其职责。"

ALWAYS: Final = "任何情形"
WHEN_COMPETENT: Final = "是该机构的主管部门时"
WHEN_THERE: Final = "机构在其辖区时"
WHEN_NONE_IS: Final = "尚不能确定该机构的主管部门时"


@dataclass(frozen=True, slots=True)
class Step:
    """One body to which a case rises that its lead has let go past its deadline."""

    department: str
    group: str
    reason: str


@dataclass(frozen=True, slots=True)
class TownPart:
    """What a town has to do with a case of its area: its role, if the case is sent to it at all."""

    town: str
    role: Role | None
    reason: str
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A routing decision, what follows when its lead is late, and the part of the town."""

    kind: str
    decision: RoutingDecision
    escalation: tuple[Step, ...]
    town: TownPart | None


@dataclass(frozen=True, slots=True)
class KindPart:
    """A body's part in one kind of finding, and in which cases it has it."""

    kind: str
    role: Role
    when: str
    reason: str
    grounds: tuple[str, ...]


def explained(kind: str, *, competent: str | None, town: str | None = None) -> Explanation:
    """Decide as ``route`` does, and say all that follows from it."""
    decision = route(kind, competent=competent, town=town)
    return Explanation(
        kind=kind,
        decision=decision,
        escalation=escalation(late={decision.lead}),
        town=None if town is None else _town_part(town, decision),
    )


def escalation(*, late: Collection[str]) -> tuple[Step, ...]:
    """Return to whom a case rises, in order; never to a body that is itself late."""
    return tuple(_step(group) for group in _ESCALATING if group.leads[0] not in late)


def parts_of(code: str) -> tuple[KindPart, ...]:
    """Return every kind of finding that a body leads, assists in or is informed of."""
    return tuple(
        part for kind, planned in ROUTES.items() for part in _parts_in(kind, planned, code)
    )


def _step(group: Group) -> Step:
    lead = group.leads[0]
    reason = f"{cited((group.id,))}：{group.name}由{name_of(lead)}牵头，督促逾期未办的部门。"
    return Step(lead, group.id, reason)


def _town_part(town: str, decision: RoutingDecision) -> TownPart:
    sent = next((it for it in decision.deliveries if it.department == town), None)
    if sent is not None:
        return TownPart(town, sent.role, sent.reason, sent.grounds)
    return TownPart(town, None, f"{cited(_OF_A_TOWN)}：{_NOT_FOR_TOWNS}", _OF_A_TOWN)


def _parts_in(kind: str, planned: Route, code: str) -> Iterator[KindPart]:
    for role, party in planned.parties:
        if party.department == COMPETENT:
            yield from _competent_parts(kind, role, code)
        # Whoever leads is not sent a second copy to know of it.
        if party.department == code and (role == "lead" or planned.lead.department != code):
            yield _part(kind, role, ALWAYS, party)
    if planned.town is not None and body_of(code).kind == "town":
        yield _part(kind, "inform", WHEN_THERE, planned.town)


def _competent_parts(kind: str, role: Role, code: str) -> Iterator[KindPart]:
    cases = (
        (WHEN_COMPETENT, code if code in COMPETENT_DEPARTMENTS else None),
        (WHEN_NONE_IS, None),
    )
    for when, competent in cases:
        if when == WHEN_COMPETENT and competent is None:
            continue
        for delivery in route(kind, competent=competent).deliveries:
            if (delivery.department, delivery.role) == (code, role):
                yield _delivered(kind, when, delivery)


def _delivered(kind: str, when: str, delivery: Delivery) -> KindPart:
    return KindPart(kind, delivery.role, when, delivery.reason, delivery.grounds)


def _part(kind: str, role: Role, when: str, party: Party) -> KindPart:
    return KindPart(kind, role, when, party.reason, party.grounds)
