"""Judge what is marked: an institution's timetables, and the alerts they make, in a transaction."""

from datetime import datetime
from typing import Final

from services.schedule_monitor.app.calendars.calendar_desk import CalendarDesk
from services.schedule_monitor.app.held.judge_held import HeldCourt, judge_held
from services.schedule_monitor.app.practices.practice_verdicts import practice_verdicts
from services.schedule_monitor.app.takedowns.look_again import Watch, look_again
from services.schedule_monitor.app.timetables.judge_timetables import judge_timetables
from services.schedule_monitor.app.timetables.surroundings import SurroundingsDesk
from services.schedule_monitor.app.verdicts import Breached, verdicts_on
from services.schedule_monitor.domain.breaches import RULE_CODES, breaches
from services.schedule_monitor.domain.held.held_breaches import HELD_RULE_CODES
from services.schedule_monitor.domain.judge import counts_of
from services.schedule_monitor.domain.patrols.visit import confirmed_in
from services.schedule_monitor.domain.rules.practices import PRACTICE_RULE_CODES
from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.store.held.held_months import HELD
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.patrols.visits import VisitStore
from services.schedule_monitor.store.practices import PLATFORM, PracticeStore
from services.schedule_monitor.store.timetables.timetables import TimetableStore
from shared.alerts.inbox import Scope
from shared.alerts.model import About
from shared.alerts.store import AlertStore
from shared.city_time import city_date
from shared.marks import FROM_THE_BEGINNING, Mark, MarkStore
from shared.mongo import Database, Session, transact

# What is kept of a judged month; one that keeps more judges every month once more.
_KEPT_OF_A_MONTH: Final = "there"


class Judge:
    """The judge's collaborators; ``judge_one`` is the use case."""

    def __init__(
        self,
        db: Database,
        alerts: AlertStore,
        *,
        desk: CalendarDesk,
        court: HeldCourt,
        watch: Watch,
    ) -> None:
        self._db = db
        self._alerts = alerts
        self._desk = desk
        self._court = court
        self._watch = watch
        self._marks = MarkStore(db)
        self._timetables = TimetableStore(db)
        self._surroundings = SurroundingsDesk(db)
        self._institutions = InstitutionReplica(db)
        self._visits = VisitStore(db)
        self._reports = PracticeStore(db)

    async def begin(self) -> None:
        """Mark everybody when held sessions are compared otherwise than at the last start."""
        basis = f"{_KEPT_OF_A_MONTH}{self._court.tolerances.written}"

        async def work(session: Session) -> None:
            if await self._court.months.take_basis(basis, session=session):
                await self._timetables.mark_all(stage=None, cause="tolerances", session=session)

        await transact(self._db, work)

    async def judge_one(self, *, now: datetime) -> bool:
        """Judge one marked institution; ``False`` when nothing is marked."""
        marks = await self._marks.lease(today=city_date(now))
        for mark in marks:
            try:
                await self._judge(mark, now)
            except Exception:
                await self._marks.release([mark])
                raise
            await self._marks.judged({mark: None})
        return bool(marks)

    async def _judge(self, mark: Mark, now: datetime) -> None:
        if mark.kind == HELD:
            await judge_held(mark, court=self._court, now=now)
            await look_again(mark.id.rpartition("|")[0], watch=self._watch, now=now)
            return

        async def work(session: Session) -> None:
            if mark.kind == PLATFORM:
                await self._judge_platform(session, mark, now)
                return
            registered = await self._institutions.find(mark.id, session=session)
            # Only institutions the register has told of can file, so only those have timetables.
            if registered is not None:
                await self._judge_institution(session, registered, mark, now)

        await transact(self._db, work)
        await look_again(mark.id, watch=self._watch, now=now)

    async def _judge_institution(
        self, session: Session, registered: Registered, mark: Mark, now: datetime
    ) -> None:
        timetables = await self._timetables.current_of(registered.institution_id, session=session)
        calendars = await self._desk.calendars(session=session)
        beside = await self._surroundings.of(registered.institution_id, session=session)
        judged = await self._court.computing.run(
            judge_timetables, timetables, registered, calendars, beside
        )
        about = About("institution", registered.institution_id, registered.name)
        planned = breaches(one for classes in judged.values() for one in classes)
        held = await self._court.months.breaches_of(registered.institution_id, session=session)
        visits = await self._visits.of_institution(registered.institution_id, session=session)
        reports = await self._reports.of_institution(registered.institution_id, session=session)
        await self._reports.keep_in_charge(
            registered.institution_id,
            department=registered.competent_department,
            town=registered.town,
            session=session,
        )
        of_classes = verdicts_on(
            Breached(planned=planned, held=held, confirmed=confirmed_in(visits)),
            about=about,
            registered=registered,
            premises=await self._institutions.premises(registered.institution_id, session=session),
            causes=mark.causes,
        )
        of_practices = practice_verdicts(reports, registered, about=about, causes=mark.causes)
        await self._alerts.settle_many(
            session,
            [*of_classes, *of_practices],
            now=now,
            scope=Scope(
                abouts=(about,), rules=(*RULE_CODES, *HELD_RULE_CODES, *PRACTICE_RULE_CODES)
            ),
            causes=mark.causes,
        )
        # Whoever marks from a month on has judged what was held already.
        if mark.from_month == FROM_THE_BEGINNING:
            await self._court.months.judge_all_again(
                registered.institution_id, causes=mark.causes, session=session
            )
        counts = {timetable_id: counts_of(classes) for timetable_id, classes in judged.items()}
        await self._timetables.keep_counts(counts, session=session)

    async def _judge_platform(self, session: Session, mark: Mark, now: datetime) -> None:
        """Judge what is reported of a platform: of its classes, those who offer them answer."""
        reports = await self._reports.of_platform(mark.id, session=session)
        about = About("platform", mark.id, mark.id)
        await self._alerts.settle_many(
            session,
            practice_verdicts(reports, None, about=about, causes=mark.causes),
            now=now,
            scope=Scope(abouts=(about,), rules=PRACTICE_RULE_CODES),
            causes=mark.causes,
        )
