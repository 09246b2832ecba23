"""Draft a request to a platform or operator; every ground is looked up, with its rule's article."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.schedule_monitor.app.judge_held import HeldCourt, read_held
from services.schedule_monitor.domain.held import HeldSessionNotFound
from services.schedule_monitor.domain.rules.cards import CARDS
from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.domain.takedowns import (
    COURSE,
    INSTITUTION,
    KEEPER,
    GroundKind,
    Measure,
    Urgency,
)
from services.schedule_monitor.store.courses import CourseStore
from shared.alerts.model import Actor
from shared.alerts.store import AlertNotFound, AlertStore
from shared.clock import milliseconds
from shared.errors import Rejected
from shared.ids import new_id
from shared.rules import RuleCard
from shared.senders.platforms import PlatformStore
from shared.takedown.desk import TakedownDesk
from shared.takedown.model import Ground, Hand, Proof, Recipient, Step, Takedown, Thing


class GroundRefused(Rejected):
    """A ground is not there, is no matter of this thing, or says something else."""

    code: ClassVar[str] = "ground-refused"
    title: ClassVar[str] = "依据不成立"


class RecipientUnknown(Rejected):
    """No platform of this code is known here."""

    code: ClassVar[str] = "recipient-unknown"
    title: ClassVar[str] = "没有这个平台"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A ground as it is stated; an alert brings its own rule."""

    kind: GroundKind
    reference: str
    says: str
    rule: str | None = None


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
    """What drafting looks things up in."""

    desk: TakedownDesk
    platforms: PlatformStore
    alerts: AlertStore
    court: HeldCourt
    courses: CourseStore


async def prepare_takedown(wanted: Wanted, *, by: Hand, at: Drafting, now: datetime) -> Takedown:
    """Return the draft, which is then kept in the caller's transaction."""
    recipient = await _recipient(wanted.recipient, at)
    institution_id = wanted.thing.marks.get(INSTITUTION)
    registered = None if institution_id is None else await at.court.institutions.get(institution_id)
    grounds = [
        await _ground(cited, index, wanted, by, at) for index, cited in enumerate(wanted.grounds)
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


async def _ground(cited: Cited, index: int, wanted: Wanted, by: Hand, at: Drafting) -> Ground:
    place = f"/grounds/{index}"
    institution_id = wanted.thing.marks.get(INSTITUTION)
    match cited.kind:
        case "alert":
            return await _of_alert(cited, place, institution_id, by, at)
        case "held_session":
            card = _card(cited, place)
            await _hold_session(cited, card, place, institution_id, at)
        case "course":
            card = _card(cited, place)
            if institution_id is None or not await at.courses.find(institution_id, cited.reference):
                raise _refused(f"{place}/reference", "该机构没有备案这门课程")
            if wanted.thing.marks.get(COURSE, cited.reference) != cited.reference:
                raise _refused(f"{place}/reference", "不是要求下架的这门课程")
        case "report":
            card = _card(cited, place)
    return Ground(
        kind=cited.kind,
        reference=cited.reference,
        rule=card.code,
        title=card.title,
        article=card.article.reference,
        origin=card.article.origin,
        says=cited.says,
    )


async def _of_alert(
    cited: Cited, place: str, institution_id: str | None, by: Hand, at: Drafting
) -> Ground:
    actor = Actor(by.person or "", by.office)
    try:
        alert = await at.alerts.seen_by(cited.reference, by=actor)
    except AlertNotFound as error:
        raise _refused(f"{place}/reference", "没有这条预警，或它未送达您所在的部门") from error
    about = alert.about
    if institution_id is not None and (about.kind, about.id) != ("institution", institution_id):
        raise _refused(f"{place}/reference", "该预警与所列机构无关")
    ended = alert.disposal
    if alert.state == "superseded" or (ended is not None and ended.outcome == "unfounded"):
        raise _refused(f"{place}/reference", "该预警已撤销，或已判为不成立")
    if cited.rule not in (None, alert.rule.code):
        raise _refused(f"{place}/rule", f"该预警的规则是{alert.rule.code}")
    return Ground(
        kind=cited.kind,
        reference=cited.reference,
        rule=alert.rule.code,
        title=alert.rule.title,
        article=alert.rule.article,
        origin=alert.rule.origin,
        says=cited.says,
    )


async def _hold_session(
    cited: Cited, card: RuleCard, place: str, institution_id: str | None, at: Drafting
) -> None:
    try:
        kept, registered, judged = await read_held(cited.reference, court=at.court)
    except HeldSessionNotFound as error:
        raise _refused(f"{place}/reference", "没有这节实际上课记录") from error
    if institution_id is not None and registered.institution_id != institution_id:
        raise _refused(f"{place}/reference", "这节课不是所列机构的")
    if judged is None or kept.held.withdrawn:
        raise _refused(f"{place}/reference", "这节课已由报送方更正为没有上")
    found = {one.rule.card.code for one in judged.judged.findings}
    found |= {one.rule.card.code for one in judged.findings}
    if card.code not in found:
        raise _refused(f"{place}/rule", "按现时的判断，这节课没有违反这条规则")


def _card(cited: Cited, place: str) -> RuleCard:
    card = CARDS.get(cited.rule or "")
    if card is None:
        raise _refused(f"{place}/rule", "须写明违反的规则代码")
    return card


def _refused(pointer: str, why: str) -> GroundRefused:
    return GroundRefused(fields=[(pointer, why)])
