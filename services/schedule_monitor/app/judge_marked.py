"""Judge what is marked: an institution's timetables, and the alerts they make, in a transaction."""

from collections.abc import Sequence
from datetime import datetime

from services.schedule_monitor.app.calendar_desk import CalendarDesk
from services.schedule_monitor.app.judge_timetables import judge_timetables
from services.schedule_monitor.app.surroundings import SurroundingsDesk
from services.schedule_monitor.domain.breaches import RULE_CODES, Breach, breaches
from services.schedule_monitor.domain.judge import counts_of
from services.schedule_monitor.domain.rules.times import ONLINE_END
from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.timetables import TimetableStore
from shared.alerts.inbox import Scope
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.alerts.store import AlertStore
from shared.city_time import city_date
from shared.duties.routing import RoutingDecision, route
from shared.marks import Mark, MarkStore
from shared.mongo import Database, Session, transact


class Judge:
    """The judge's collaborators; ``judge_one`` is the use case."""

    def __init__(self, db: Database, alerts: AlertStore, *, desk: CalendarDesk) -> None:
        self._db = db
        self._alerts = alerts
        self._desk = desk
        self._marks = MarkStore(db)
        self._timetables = TimetableStore(db)
        self._surroundings = SurroundingsDesk(db)
        self._institutions = InstitutionReplica(db)

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
        async def work(session: Session) -> None:
            registered = await self._institutions.find(mark.id, session=session)
            # Only institutions the register has told of can file, so only those have timetables.
            if registered is not None:
                await self._judge_institution(session, registered, mark, now)

        await transact(self._db, work)

    async def _judge_institution(
        self, session: Session, registered: Registered, mark: Mark, now: datetime
    ) -> None:
        timetables = await self._timetables.current_of(registered.institution_id, session=session)
        calendars = await self._desk.calendars(session=session)
        beside = await self._surroundings.of(registered.institution_id, session=session)
        judged = judge_timetables(timetables, registered, calendars, beside)
        about = About("institution", registered.institution_id, registered.name)
        found = breaches(one for classes in judged.values() for one in classes)
        await self._alerts.settle_many(
            session,
            _verdicts(found, about, registered, mark.causes),
            now=now,
            scope=Scope(abouts=(about,), rules=RULE_CODES),
            causes=mark.causes,
        )
        counts = {timetable_id: counts_of(classes) for timetable_id, classes in judged.items()}
        await self._timetables.keep_counts(counts, session=session)


def _verdicts(
    found: Sequence[Breach], about: About, registered: Registered, causes: tuple[str, ...]
) -> list[Verdict]:
    return [
        Verdict(
            about=about,
            rule=RuleFacts.of(breach.rule.card),
            window=breach.month,
            findings=(_finding(breach),),
            route=_route(breach, registered.competent_department),
            causes=causes,
        )
        for breach in found
    ]


def _route(breach: Breach, competent: str) -> RoutingDecision:
    """Where classes of a rule on days are online, who assists with online classes does so too."""
    planned = route(breach.rule.card.code, competent=competent)
    if not breach.online or len(planned.deliveries) > 1:
        return planned
    online = route(ONLINE_END.code, competent=competent).deliveries
    assisting = (it for it in online if it.role == "assist")
    return RoutingDecision(planned.lead, (*planned.deliveries, *assisting))


def _finding(breach: Breach) -> Finding:
    return Finding(
        rule=RuleFacts.of(breach.rule.card),
        level=breach.rule.level,
        message=breach.message,
        figures=breach.figures,
        events=breach.references,
    )
