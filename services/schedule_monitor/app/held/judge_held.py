"""Judge an institution's month of held sessions beside what was filed; read one so judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.schedule_monitor.app.calendars.calendar_desk import CalendarDesk
from services.schedule_monitor.app.computing import Computing
from services.schedule_monitor.app.timetables.surroundings import SurroundingsDesk
from services.schedule_monitor.domain.held.comparison import FiledClass, Tolerances, pairs_of
from services.schedule_monitor.domain.held.held import Kept
from services.schedule_monitor.domain.held.held_breaches import (
    DoubtedPlace,
    doubted_places,
    held_breaches,
    held_counts,
)
from services.schedule_monitor.domain.held.held_month import Basis, HeldJudged, judge_month
from services.schedule_monitor.domain.held.whereabouts import whereabouts
from services.schedule_monitor.domain.judge import Judged, judge_sessions
from services.schedule_monitor.domain.session import Registered, Stated, as_registered
from services.schedule_monitor.store.held.held import HeldStore
from services.schedule_monitor.store.held.held_months import HeldMonthStore
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.timetables.dropped_classes import former_versions
from services.schedule_monitor.store.timetables.refusals import RefusalStore
from services.schedule_monitor.store.timetables.timetables import TimetableStore
from shared import outbox
from shared.contracts.schedule import UNAPPROVED_SITE, DoubtedSite, UnapprovedSite
from shared.marks import Mark, mark
from shared.mongo import Database, Session, transact
from shared.outbox import Outgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCourt:
    """What judging held sessions works on."""

    db: Database
    held: HeldStore
    months: HeldMonthStore
    timetables: TimetableStore
    institutions: InstitutionReplica
    desk: CalendarDesk
    surroundings: SurroundingsDesk
    refusals: RefusalStore
    tolerances: Tolerances
    computing: Computing

    @classmethod
    def of(
        cls, db: Database, *, desk: CalendarDesk, tolerances: Tolerances, computing: Computing
    ) -> "HeldCourt":
        """Return the court of a service's database."""
        return cls(
            db=db,
            held=HeldStore(db),
            months=HeldMonthStore(db),
            timetables=TimetableStore(db),
            institutions=InstitutionReplica(db),
            desk=desk,
            surroundings=SurroundingsDesk(db),
            refusals=RefusalStore(db),
            tolerances=tolerances,
            computing=computing,
        )


async def judge_held(found: Mark, *, court: HeldCourt, now: datetime) -> None:
    """Judge a marked month: keep what it comes to, tell of doubted places, have alerts settled.

    Alerts are the institution's, about what is filed and what is held together: they are settled
    with the institution, which is marked here when the month's breaches are others than before.
    """
    institution_id, _, month = found.id.rpartition("|")

    async def work(session: Session) -> None:
        registered = await court.institutions.find(institution_id, session=session)
        if registered is None:
            return
        judged = await judged_month(registered, month, court=court, session=session)
        changed = await court.months.keep(
            found.id, held_breaches(month, judged), held_counts(judged), session=session
        )
        if changed:
            again = mark("institution", institution_id, month, found.causes)
            await court.db["to_judge"].bulk_write([again], session=session)
        await court.months.keep_whereabouts(found.id, whereabouts(judged), session=session)
        places = doubted_places(judged)
        version = await court.months.keep_places(found.id, places, session=session)
        if version is not None:
            fact = _unapproved(registered, month, version, places)
            await outbox.enqueue(court.db, [fact], session=session, now=now)

    await transact(court.db, work)


async def read_held(
    session_id: str, *, court: HeldCourt
) -> tuple[Kept, Registered, HeldJudged | None]:
    """Return a session as it is judged by what is loaded now; a withdrawn one is not judged."""
    kept = await court.held.get(session_id)
    registered = await court.institutions.get(kept.held.institution_id)
    judged = await judged_month(registered, kept.held.month, court=court)
    mine = (one for one in judged if one.kept.session_id == session_id)
    return kept, registered, next(mine, None)


async def judged_month(
    registered: Registered, month: str, *, court: HeldCourt, session: Session | None = None
) -> list[HeldJudged]:
    """Judge the month from the record as it is."""
    institution_id = registered.institution_id
    basis = Basis(
        registered=registered,
        premises=await court.institutions.premises(institution_id, session=session),
        calendars=await court.desk.calendars(session=session),
        tolerances=court.tolerances,
        surroundings=await court.surroundings.of(institution_id, session=session),
    )
    own = await court.held.of_month(institution_id, month, session=session)
    days = {one.held.on for one in own} | {
        one.held.planned_on for one in own if one.held.planned_on is not None
    }
    rivals = await court.held.naming(institution_id, month, days, session=session)
    held = [*own, *rivals]
    filed = await _filed(days, basis, court=court, session=session)
    alone = _unpaired(own, pairs_of(held, filed))
    filed += await _dropped(alone, basis, court=court, session=session)
    began_on = {one.held.on for one in own}
    refusals = await court.refusals.of_days(institution_id, began_on, session=session)
    return await court.computing.run(judge_month, month, held, filed, basis, refusals)


async def _filed(
    days: set[date], basis: Basis, *, court: HeldCourt, session: Session | None
) -> list[FiledClass]:
    """Return the filed classes of some days, judged together as the timetables they stand in."""
    if not days:
        return []
    timetables = await court.timetables.current_of(
        basis.registered.institution_id, between=(min(days), max(days)), session=session
    )
    classes = [
        stated
        for timetable in timetables
        for stated in timetable.filing.sessions
        if stated.on in days
    ]
    judged = await court.computing.run(_as_filed, classes, basis)
    return [FiledClass(judged=one) for one in judged]


async def _dropped(
    days: set[date], basis: Basis, *, court: HeldCourt, session: Session | None
) -> list[FiledClass]:
    """Return classes of some days that were filed once and are no longer."""
    institution_id = basis.registered.institution_id
    found = []
    for version in await former_versions(court.db, institution_id, days, session=session):
        judged = await court.computing.run(_as_filed, version.classes, basis)
        found += [
            FiledClass(judged=one, dropped_at=version.replaced_at)
            for stated, one in zip(version.classes, judged, strict=True)
            if stated in version.gone
        ]
    return found


def _as_filed(classes: Sequence[Stated], basis: Basis) -> list[Judged]:
    sessions = [as_registered(stated, basis.registered) for stated in classes]
    return judge_sessions(sessions, basis.calendars, basis.surroundings)


def _unpaired(held: Iterable[Kept], paired: Iterable[str]) -> set[date]:
    """Return the days on which classes may lie that unpaired sessions stand for."""
    known = set(paired)
    alone = [one.held for one in held if one.session_id not in known and not one.held.withdrawn]
    return {one.on for one in alone} | {
        one.planned_on for one in alone if one.planned_on is not None
    }


def _unapproved(
    registered: Registered, month: str, version: int, places: Sequence[DoubtedPlace]
) -> Outgoing:
    institution_id = registered.institution_id
    return Outgoing(
        channel=UNAPPROVED_SITE,
        key=f"unapproved-site/{institution_id}/{month}",
        version=version,
        tokens={"institution": institution_id},
        subject=institution_id,
        data=UnapprovedSite(
            institution_id=institution_id,
            month=month,
            version=version,
            places=[
                DoubtedSite(
                    reason=one.reason,
                    site_id=one.site,
                    address=one.address,
                    sessions=one.sessions,
                    first_on=one.first_on,
                    last_on=one.last_on,
                )
                for one in places[:MOST_PLACES]
            ],
        ),
    )


MOST_PLACES = 100
