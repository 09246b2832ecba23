"""Who acts on alerts over HTTP, and what the application holds for them."""

from typing import Annotated

from fastapi import Depends, Request

from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.alerts.desk import AlertDesk
from shared.alerts.model import Actor, Applicant
from shared.alerts.store import AlertStore
from shared.clock import Clock
from shared.duties.departments import is_known
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable

EVERYWHERE = (Unauthenticated, Forbidden, Malformed, Unavailable)


async def _store(request: Request) -> AlertStore:
    store: AlertStore = request.app.state.alerts
    return store


async def _desk(request: Request) -> AlertDesk:
    desk: AlertDesk = request.app.state.alert_desk
    return desk


async def _clock(request: Request) -> Clock:
    clock: Clock = request.app.state.clock
    return clock


async def _actor(caller: CallerDep) -> Actor:
    """Return who asks: staff of a department or town, or an administrator."""
    return Actor(caller.subject, None if caller.role == "admin" else _office_of(caller))


async def _applicant(caller: CallerDep) -> Applicant:
    """Return the institution that asks."""
    if caller.institution is None:
        raise Forbidden("令牌中没有所属的培训机构")
    return Applicant(caller.subject, caller.institution)


async def _either(caller: CallerDep) -> Actor | Applicant:
    """Return the institution itself, or the staff who file a paper for it."""
    return await (_applicant(caller) if caller.role == "institution" else _actor(caller))


def _office_of(caller: Caller) -> str:
    office = caller.office
    if office is None or not is_known(office):
        raise Forbidden("令牌中没有所在部门或镇（街道）")
    return office


StoreDep = Annotated[AlertStore, Depends(_store)]
DeskDep = Annotated[AlertDesk, Depends(_desk)]
ClockDep = Annotated[Clock, Depends(_clock)]
ActorDep = Annotated[Actor, Depends(_actor)]
ApplicantDep = Annotated[Applicant, Depends(_applicant)]
EitherDep = Annotated[Actor | Applicant, Depends(_either)]
