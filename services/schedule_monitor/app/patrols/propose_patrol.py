"""Propose a town's patrol of a day from the record; what differs from the last time is told."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.schedule_monitor.app.calendars.calendar_desk import CalendarDesk
from services.schedule_monitor.app.timetables.surroundings import SurroundingsDesk
from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.held.whereabouts import HeldThere
from services.schedule_monitor.domain.patrols.patrol import (
    MOST_AHEAD,
    Case,
    Patrol,
    PatrolDayTooFar,
    PatrolNotProposed,
    ProposedPlace,
    propose,
)
from services.schedule_monitor.domain.patrols.patrol_day import DayClass, judge_day
from services.schedule_monitor.domain.patrols.patrol_places import Ground
from services.schedule_monitor.domain.patrols.patrol_reason import Reason
from services.schedule_monitor.domain.patrols.patrol_weights import (
    CONFIRMED_DAYS,
    FILED_FROM_DAYS,
    FILED_UNTIL_DAYS,
    REPEAT_DAYS,
    weights_on,
)
from services.schedule_monitor.domain.patrols.visit import Visit
from services.schedule_monitor.domain.practices.practice import Report
from services.schedule_monitor.domain.practices.reported import reported_in
from services.schedule_monitor.domain.session import Mode, Stated, as_registered
from services.schedule_monitor.domain.session import Session as Class
from services.schedule_monitor.domain.timetables.surroundings import NOTHING_FILED, Surroundings
from services.schedule_monitor.store.held.held_months import HeldMonthStore
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.patrols.patrols import KeptProposal, PatrolStore
from services.schedule_monitor.store.patrols.visits import VisitStore
from services.schedule_monitor.store.practices import PracticeStore
from services.schedule_monitor.store.timetables.timetables import TimetableStore
from shared import outbox
from shared.audit.log import SERVICE, AuditLog, Entry, Who
from shared.city_time import city_date, month_of
from shared.clock import milliseconds
from shared.contracts.patrol import (
    LONGEST_TEXT,
    PATROL_PROPOSED,
    PatrolProposed,
    PatrolReason,
    ProposedVisit,
)
from shared.mongo import Database, Session, transact
from shared.outbox import Outgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolDesk:
    """What proposing patrols works on."""

    db: Database
    institutions: InstitutionReplica
    timetables: TimetableStore
    months: HeldMonthStore
    visits: VisitStore
    practices: PracticeStore
    patrols: PatrolStore
    calendars: CalendarDesk
    surroundings: SurroundingsDesk
    audit: AuditLog
    now: Callable[[], datetime]
    committed: Callable[[], None]

    @classmethod
    def of(
        cls,
        db: Database,
        *,
        calendars: CalendarDesk,
        audit: AuditLog,
        now: Callable[[], datetime],
        committed: Callable[[], None],
    ) -> "PatrolDesk":
        """Return the desk of a service's database."""
        return cls(
            db=db,
            institutions=InstitutionReplica(db),
            timetables=TimetableStore(db),
            months=HeldMonthStore(db),
            visits=VisitStore(db),
            practices=PracticeStore(db),
            patrols=PatrolStore(db),
            calendars=calendars,
            surroundings=SurroundingsDesk(db),
            audit=audit,
            now=now,
            committed=committed,
        )


async def propose_patrol(
    day: date, town: str, *, desk: PatrolDesk, who: Who = SERVICE
) -> KeptProposal:
    """Return what is proposed now: what was proposed last, unless the record now says otherwise.

    A past day keeps what was proposed for it last.
    """
    now = milliseconds(desk.now())
    today = city_date(now)
    if day > today + MOST_AHEAD:
        raise PatrolDayTooFar(f"最多提前{MOST_AHEAD.days}天，请于{day - MOST_AHEAD}起再查。")
    if day < today:
        return await read_patrol(day, town, desk=desk)

    async def work(session: Session) -> KeptProposal:
        last = await desk.patrols.current(day, town, session=session)
        patrol = await _patrol(day, town, desk=desk, session=session)
        version = 1 if last is None else last.told.version + 1
        told = _told(patrol, version)
        if last is not None and last.told.model_copy(update={"version": version}) == told:
            return last
        await desk.patrols.add(told, now=now, session=session)
        await outbox.enqueue(desk.db, [_outgoing(told)], session=session, now=now)
        await desk.audit.record(_entry(told, who), session=session)
        return KeptProposal(told, now)

    made = await transact(desk.db, work)
    desk.committed()
    return made


async def read_patrol(
    day: date, town: str, *, desk: PatrolDesk, version: int | None = None
) -> KeptProposal:
    """Return what was proposed last, or in a version."""
    if version is None:
        found = await desk.patrols.current(day, town)
    else:
        found = await desk.patrols.of_version(day, town, version)
    if found is None:
        raise PatrolNotProposed("该日该镇（街道）没有提出过巡查建议，或没有这一版。")
    return found


async def _patrol(day: date, town: str, *, desk: PatrolDesk, session: Session) -> Patrol:
    grounds = await desk.institutions.on_ground(town, session=session)
    ids = [one.registered.institution_id for one in grounds]
    planned = await desk.timetables.classes_on(ids, day, session=session)
    since = day - timedelta(days=FILED_FROM_DAYS)
    until = day - timedelta(days=FILED_UNTIL_DAYS + 1)
    record = _Record(
        day=day,
        grounds=grounds,
        planned=planned,
        beside=await desk.surroundings.of_all(planned, session=session),
        filed=await desk.timetables.filed_between(ids, since, until, session=session),
        held=await desk.months.whereabouts_of(
            ids, since=month_of(day - timedelta(days=REPEAT_DAYS)), session=session
        ),
        visits=await desk.visits.of_institutions(
            ids, since=day - timedelta(days=CONFIRMED_DAYS), session=session
        ),
        reports=await desk.practices.of_institutions(
            ids, since=day - timedelta(days=REPEAT_DAYS), session=session
        ),
        calendars=await desk.calendars.calendars(session=session),
    )
    # Some hundred classes take some ten milliseconds: others are answered meanwhile.
    return await asyncio.to_thread(record.proposed, town)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """What is known of a town's institutions, as one transaction saw it."""

    day: date
    grounds: Sequence[Ground]
    planned: dict[str, list[Stated]]
    beside: dict[str, Surroundings]
    filed: dict[str, dict[tuple[Mode | None, str | None], int]]
    held: dict[str, list[HeldThere]]
    visits: dict[str, list[Visit]]
    reports: dict[str, list[Report]]
    calendars: Calendars

    def proposed(self, town: str) -> Patrol:
        judged = judge_day([self._classes(one) for one in self.grounds], self.calendars)
        cases = [self._case(*each) for each in zip(self.grounds, judged, strict=True)]
        return propose(self.day, town, cases, weights_on(self.day))

    def _case(self, ground: Ground, classes: Sequence[DayClass]) -> Case:
        registered = ground.registered
        which = registered.institution_id
        return Case(
            ground=ground,
            classes=classes,
            filed_lately=self._filed(ground),
            held=self.held.get(which, ()),
            visits=self.visits.get(which, ()),
            reported=reported_in(self.reports.get(which, ()), registered),
        )

    def _classes(self, ground: Ground) -> tuple[list[Class], Surroundings]:
        registered = ground.registered
        stated = self.planned.get(registered.institution_id, ())
        beside = self.beside.get(registered.institution_id, NOTHING_FILED)
        return [as_registered(one, registered) for one in stated], beside

    def _filed(self, ground: Ground) -> dict[tuple[Mode, str | None], int]:
        found: dict[tuple[Mode, str | None], int] = {}
        stated = self.filed.get(ground.registered.institution_id, {})
        for (mode, site), count in stated.items():
            place = (mode or ground.registered.mode, site)
            found[place] = found.get(place, 0) + count
        return found


def _told(patrol: Patrol, version: int) -> PatrolProposed:
    return PatrolProposed(
        day=patrol.day,
        town=patrol.town,
        version=version,
        weights=patrol.weights,
        visits=[_visit(one) for one in patrol.places],
        left_out=patrol.left_out,
    )


def _visit(one: ProposedPlace) -> ProposedVisit:
    return ProposedVisit(
        institution_id=one.institution_id,
        institution=one.institution,
        place=one.place.kind,
        site_id=one.place.site_id,
        address=one.place.address,
        score=one.score,
        opens=None if one.hours is None else one.hours.opens,
        closes=None if one.hours is None else one.hours.closes,
        last_visited_on=one.last_visited_on,
        reasons=[_reason(reason) for reason in one.reasons],
    )


def _reason(reason: Reason) -> PatrolReason:
    hours = reason.hours
    return PatrolReason(
        kind=reason.kind,
        rule=reason.rule,
        points=reason.points,
        message=reason.message,
        article=reason.article.reference[:LONGEST_TEXT],
        origin=reason.article.origin,
        opens=None if hours is None else hours.opens,
        closes=None if hours is None else hours.closes,
    )


def _outgoing(told: PatrolProposed) -> Outgoing:
    return Outgoing(
        channel=PATROL_PROPOSED,
        key=f"patrol-proposed/{told.day}/{told.town}",
        version=told.version,
        tokens={"town": told.town},
        subject=told.town,
        data=told,
    )


def _entry(told: PatrolProposed, who: Who) -> Entry:
    return Entry(
        action="patrol.proposed",
        about_kind="patrol",
        about_id=f"{told.day}/{told.town}",
        who=who,
        details={"version": told.version, "visits": len(told.visits), "weights": told.weights},
    )
