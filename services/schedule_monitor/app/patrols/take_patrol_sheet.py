"""Take what a patrol's filled sheet says: each place visited becomes a visit, as over the bus."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import ClassVar, Literal

from services.schedule_monitor.app.patrols.propose_patrol import PatrolDesk, read_patrol
from services.schedule_monitor.app.patrols.take_visit import VisitDesk, take_visit_within
from services.schedule_monitor.domain.patrols.patrol import PatrolNotProposed
from services.schedule_monitor.domain.patrols.patrol_results import FilledPlace, SeenClass
from services.schedule_monitor.domain.patrols.visit import Seen, Visit, VisitUnfit, is_news
from shared.city_time import CITY_TIME
from shared.contracts.patrol import ProposedVisit
from shared.errors import Rejected
from shared.mongo import Session, transact

Where = Literal["row", "place", "concluded"]


class ResultUnfit(Rejected):
    """A row of a sheet tells what cannot be; ``where`` in the row that is."""

    code: ClassVar[str] = "patrol-result-unfit"
    title: ClassVar[str] = "巡查结果不合理"

    def __init__(self, reason: str, *, where: Where = "row") -> None:
        super().__init__(reason)
        self.where = where


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A visit as a row tells it, and the name of the institution that was visited."""

    visit: Visit
    institution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDesk:
    """What taking a filled sheet works on."""

    patrols: PatrolDesk
    visits: VisitDesk


async def visit_told(
    filled: FilledPlace, day: date, *, by: str, desk: SheetDesk, now: datetime
) -> Told:
    """Return the visit that a row tells of, or refuse it with ``ResultUnfit``.

    ``by`` is the office that went there. The same place visited on the same day by the same office
    is the same visit: what is uploaded again with another content is its next version.
    """
    proposed = await _proposed(filled, day, desk.patrols)
    told = _visit(filled, proposed, day, by)
    before = await desk.visits.visits.find(told.visit_id)
    try:
        is_news(_numbered(told, before), before, now=now)
    except VisitUnfit as unfit:
        raise ResultUnfit(str(unfit)) from unfit
    return Told(visit=told, institution=proposed.institution)


async def take_patrol_sheet(
    told: Sequence[Told], *, desk: SheetDesk, now: datetime
) -> list[tuple[Told, bool]]:
    """Take all visits of a sheet together; each with whether it changed anything."""
    visits = desk.visits

    async def work(session: Session) -> list[tuple[Told, bool]]:
        taken = []
        for one in told:
            before = await visits.visits.find(one.visit.visit_id, session=session)
            visit = _numbered(one.visit, before)
            new = await take_visit_within(visit, desk=visits, now=now, session=session)
            taken.append((replace(one, visit=visit), new))
        return taken

    return await transact(visits.db, work)


async def _proposed(filled: FilledPlace, day: date, patrols: PatrolDesk) -> ProposedVisit:
    try:
        kept = await read_patrol(day, filled.town, desk=patrols, version=filled.version)
        return kept.told.visits[filled.number - 1]
    except (PatrolNotProposed, IndexError) as error:
        raise ResultUnfit("该日的巡查建议中没有这个编号", where="place") from error


def _visit(filled: FilledPlace, proposed: ProposedVisit, day: date, by: str) -> Visit:
    confirmed, unfounded = _findings(filled, proposed)
    online = proposed.place == "online"
    identity = "|".join((day.isoformat(), by, proposed.institution_id, _where(proposed)))
    return Visit(
        visit_id=f"sheet-{hashlib.sha256(identity.encode()).hexdigest()[:32]}",
        version=1,
        institution_id=proposed.institution_id,
        visited_by=by,
        visited_at=_moment(day, filled.at),
        outcome=filled.outcome,
        mode="online" if online else "offline",
        site=proposed.site_id,
        # Of a registered site its id says where; of another place the address alone may.
        address=proposed.address if proposed.site_id is None else None,
        seen=tuple(_seen(at, day, one) for at, one in enumerate(filled.seen, start=1)),
        confirmed=confirmed,
        unfounded=unfounded,
        proposed_on=day,
        proposed_version=filled.version,
    )


def _where(proposed: ProposedVisit) -> str:
    return f"{proposed.place}:{proposed.site_id or proposed.address or ''}"


def _findings(
    filled: FilledPlace, proposed: ProposedVisit
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    concluded: dict[str, bool] = {}
    for number, so in filled.concluded.items():
        if not 1 <= number <= len(proposed.reasons):
            raise ResultUnfit(f"该地点没有第{number}条理由", where="concluded")
        rule = proposed.reasons[number - 1].rule
        if rule is None:
            raise ResultUnfit(f"第{number}条理由不涉及规则，无须核实", where="concluded")
        if concluded.setdefault(rule, so) != so:
            raise ResultUnfit(f"第{number}条理由与另一条是同一问题，结论须一致", where="concluded")
    confirmed = sorted(rule for rule, so in concluded.items() if so)
    return tuple(confirmed), tuple(sorted(concluded.keys() - set(confirmed)))


def _seen(number: int, day: date, one: SeenClass) -> Seen:
    return Seen(
        reference=str(number),
        started_at=_moment(day, one.start),
        ended_at=_moment(day, one.end),
        class_group=one.class_group,
        stage=one.stage,
        head_count=one.heads,
    )


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, CITY_TIME).astimezone(UTC)


def _numbered(told: Visit, before: Visit | None) -> Visit:
    """Return a telling at the version that says the same, or at the next one."""
    if before is None:
        return replace(told, version=1)
    same = replace(told, version=before.version)
    return same if same.digest == before.digest else replace(told, version=before.version + 1)
