"""Draft a request to a platform or operator: who is asked, what rests on which grounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.schedule_monitor.app.takedowns.takedown_grounds import (
    Cited,
    GroundRecords,
    Matter,
    ground_of,
)
from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.domain.takedowns import INSTITUTION, KEEPER, Measure, Urgency
from shared.clock import milliseconds
from shared.errors import Rejected
from shared.ids import new_id
from shared.senders.platforms import PlatformStore
from shared.takedown.desk import TakedownDesk
from shared.takedown.model import Hand, Proof, Recipient, Step, Takedown, Thing


class RecipientUnknown(Rejected):
    """No platform of this code is known here."""

    code: ClassVar[str] = "recipient-unknown"
    title: ClassVar[str] = "没有这个平台"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of whom, and why."""

    recipient: Recipient
    thing: Thing
    measure: Measure
    demand: str
    urgency: Urgency
    grounds: Sequence[Cited]
    proofs: Sequence[Proof]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """What drafting works on."""

    desk: TakedownDesk
    platforms: PlatformStore
    records: GroundRecords


async def prepare_takedown(wanted: Wanted, *, by: Hand, at: Drafting, now: datetime) -> Takedown:
    """Return the draft, which is then kept in the caller's transaction."""
    recipient = await _recipient(wanted.recipient, at)
    institution_id = wanted.thing.marks.get(INSTITUTION)
    institutions = at.records.court.institutions
    registered = None if institution_id is None else await institutions.get(institution_id)
    matter = Matter(recipient=recipient, thing=wanted.thing, by=by)
    grounds = [
        await ground_of(cited, f"/grounds/{index}", matter, at.records)
        for index, cited in enumerate(wanted.grounds)
    ]
    issuer = by.office or KEEPER
    return Takedown(
        id=new_id(),
        version=1,
        state="drafted",
        recipient=recipient,
        thing=wanted.thing,
        measure=wanted.measure,
        demand=wanted.demand,
        term=wanted.urgency,
        grounds=tuple(grounds),
        proofs=tuple(wanted.proofs),
        issuer=issuer,
        parties=_parties(issuer, registered),
        steps=(Step(kind="drafted", at=milliseconds(now), by=by),),
    )


def _parties(issuer: str, registered: Registered | None) -> tuple[str, ...]:
    competent = () if registered is None else (registered.competent_department,)
    return tuple(dict.fromkeys((issuer, KEEPER, *competent)))


async def _recipient(told: Recipient, at: Drafting) -> Recipient:
    if told.code is None:
        return told
    platform = await at.platforms.find(told.code)
    if platform is None:
        raise RecipientUnknown(fields=[("/recipient/platform", f"没有代码为{told.code}的平台")])
    return Recipient(kind="platform", name=platform.name, code=told.code, contact=told.contact)
