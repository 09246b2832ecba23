"""Duties and routes as the HTTP interface shows them."""

from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel, Field

from shared.duties.annex4 import Duty, duties_of
from shared.duties.departments import Department, Kind, name_of, names_of
from shared.duties.explaining import Explanation, KindPart, Step, TownPart, parts_of
from shared.duties.grounds import ground, place, row_name, row_of, said
from shared.duties.groups import Group, groups_of
from shared.duties.names import Name
from shared.duties.parties import Role
from shared.duties.routing import Delivery, explain
from shared.duties.tasks import Task, tasks_of
from shared.rules import Origin


class TaskView(BaseModel):
    """A task of the plan's main part, its title in our own words."""

    id: str
    number: int
    title: str


class DutyView(BaseModel):
    """What one clause of annex 4 asks, in our own words, and the tasks that ask the same."""

    id: str
    reference: str
    text: str
    tasks: list[TaskView]


class PartyView(BaseModel):
    """A body as the plan names it; ``towns`` stands for every town and street."""

    code: str
    name: str


class GroupView(BaseModel):
    """One of the eight groups of annex 2, and whether this body leads it."""

    id: str
    name: str
    reference: str
    leads_it: bool
    does: str
    leads: list[PartyView]
    members: list[PartyView]


class NameView(BaseModel):
    """How the body is called from one day (inclusive) until another (exclusive)."""

    name: str
    since: date | None
    until: date | None
    origin: Origin = Field(description="Seed 方案；G 常识，待核实。")
    note: str


class GroundView(BaseModel):
    """One line of the plan that a reason rests on."""

    id: str
    reference: str
    text: str


class KindPartView(BaseModel):
    """The body's part in one kind of finding, and when it has it."""

    kind: str
    role: Role
    when: str
    reason: str
    grounds: list[GroundView]


class Body(BaseModel):
    """A department, group member, town or street."""

    code: str
    name: str = Field(description="方案中的名称。")
    called_today: str
    kind: Kind


class BodySummary(Body):
    """One body in the list of all."""

    duties: int = Field(description="附件4中的职责项数。")
    groups: list[str]


class BodyList(BaseModel):
    """Every body that has a duty under the plan, in the plan's order."""

    bodies: list[BodySummary]


class BodyView(Body):
    """All that the plan asks of one body, and what the suite sends it."""

    duties: list[DutyView]
    tasks: list[TaskView]
    groups: list[GroupView]
    names: list[NameView]
    findings: list[KindPartView]


class RoutedDeliveryView(BaseModel):
    """One party of a routing decision, its role, and why."""

    department: str
    name: str
    role: Role
    reason: str
    explanation: str
    grounds: list[GroundView]


class StepView(BaseModel):
    """One step of escalation; a body that is itself late is left out."""

    department: str
    name: str
    group: str
    reason: str


class TownPartView(BaseModel):
    """The town's part in the case; without a role the case is not sent to it."""

    town: str
    name: str
    role: Role | None
    reason: str
    grounds: list[GroundView]


class RouteExplanation(BaseModel):
    """A routing decision with its reasons, and where the case rises when its lead is late."""

    kind: str
    competent: str | None
    lead: str
    deliveries: list[RoutedDeliveryView]
    escalation: list[StepView]
    town: TownPartView | None


def summary_of(body: Department, *, on: date) -> BodySummary:
    """Show one body in a list."""
    row = row_of(body.code)
    return BodySummary(
        code=body.code,
        name=body.name,
        called_today=name_of(body.code, on=on),
        kind=body.kind,
        duties=len(duties_of(row)),
        groups=[group.name for group in groups_of(row)],
    )


def view_of(body: Department, *, on: date) -> BodyView:
    """Show one body with all that the plan asks of it."""
    row = row_of(body.code)
    return BodyView(
        code=body.code,
        name=body.name,
        called_today=name_of(body.code, on=on),
        kind=body.kind,
        duties=[_duty(duty) for duty in duties_of(row)],
        tasks=[_task(task) for task in tasks_of(row)],
        groups=[_group(group, row) for group in groups_of(row)],
        names=[_name(name) for name in names_of(body.code)],
        findings=[_kind_part(part) for part in parts_of(body.code)],
    )


def explanation_of(explanation: Explanation, *, competent: str | None) -> RouteExplanation:
    """Show why a case goes where it goes."""
    decision = explanation.decision
    return RouteExplanation(
        kind=explanation.kind,
        competent=competent,
        lead=decision.lead,
        deliveries=[_delivery(delivery) for delivery in decision.deliveries],
        escalation=[_step(step) for step in explanation.escalation],
        town=None if explanation.town is None else _town(explanation.town),
    )


def _task(task: Task) -> TaskView:
    return TaskView(id=task.id, number=task.number, title=task.title)


def _duty(duty: Duty) -> DutyView:
    asked = [ground(f"task.{number}") for number in duty.tasks]
    tasks = [_task(task) for task in asked if isinstance(task, Task)]
    return DutyView(id=duty.id, reference=place(duty), text=duty.text, tasks=tasks)


def _group(group: Group, row: str) -> GroupView:
    return GroupView(
        id=group.id,
        name=group.name,
        reference=place(group),
        leads_it=row in group.leads,
        does=group.does,
        leads=_parties(group.leads),
        members=_parties(group.members),
    )


def _parties(rows: Iterable[str]) -> list[PartyView]:
    return [PartyView(code=row, name=row_name(row)) for row in rows]


def _name(name: Name) -> NameView:
    return NameView(
        name=name.name, since=name.since, until=name.until, origin=name.origin, note=name.note
    )


def _kind_part(part: KindPart) -> KindPartView:
    return KindPartView(
        kind=part.kind,
        role=part.role,
        when=part.when,
        reason=part.reason,
        grounds=_grounds(part.grounds),
    )


def _delivery(delivery: Delivery) -> RoutedDeliveryView:
    return RoutedDeliveryView(
        department=delivery.department,
        name=name_of(delivery.department),
        role=delivery.role,
        reason=delivery.reason,
        explanation=explain(delivery),
        grounds=_grounds(delivery.grounds),
    )


def _step(step: Step) -> StepView:
    return StepView(
        department=step.department,
        name=name_of(step.department),
        group=step.group,
        reason=step.reason,
    )


def _town(part: TownPart) -> TownPartView:
    return TownPartView(
        town=part.town,
        name=name_of(part.town),
        role=part.role,
        reason=part.reason,
        grounds=_grounds(part.grounds),
    )


def _grounds(identifiers: Iterable[str]) -> list[GroundView]:
    return [
        GroundView(id=line.id, reference=place(line), text=said(line))
        for line in map(ground, identifiers)
    ]
