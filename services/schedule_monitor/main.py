"""The composition root of schedule_monitor: the only file that knows every room."""

import asyncio
from datetime import timedelta
from typing import Final

from fastapi import FastAPI

from services.schedule_monitor.api import (
    calendar,
    calendar_uploads,
    checks,
    closures,
    courses,
    day_overrides,
    held,
    held_doors,
    notices,
    page,
    patrol_results,
    patrols,
    platforms,
    practice_opinions,
    practices,
    school_calendars,
    school_hours,
    summary,
    switches,
    takedowns,
    timetable_files,
    timetables,
    timetables_many,
)
from services.schedule_monitor.api.deps import Rooms
from services.schedule_monitor.app.calendar_changed import CalendarOffice
from services.schedule_monitor.app.calendar_desk import CalendarDesk
from services.schedule_monitor.app.check_timetable import CheckDesk
from services.schedule_monitor.app.computing import Computing
from services.schedule_monitor.app.draft_takedown import Drafting
from services.schedule_monitor.app.file_course import CourseDesk
from services.schedule_monitor.app.file_timetable import TimetableDesk
from services.schedule_monitor.app.judge_held import HeldCourt
from services.schedule_monitor.app.judge_marked import Judge
from services.schedule_monitor.app.load_notice import begin_calendar
from services.schedule_monitor.app.look_again import Watch
from services.schedule_monitor.app.patrol_timers import PatrolTimers
from services.schedule_monitor.app.practice_clock import PracticeTimers
from services.schedule_monitor.app.practice_desk import PracticeDesk
from services.schedule_monitor.app.propose_patrol import PatrolDesk
from services.schedule_monitor.app.surroundings import SurroundingsDesk
from services.schedule_monitor.app.take_held import HeldDesk
from services.schedule_monitor.app.take_visit import VisitDesk
from services.schedule_monitor.app.takedown_grounds import GroundRecords
from services.schedule_monitor.app.tell_takedowns import telling
from services.schedule_monitor.domain.comparison import Tolerances
from services.schedule_monitor.domain.takedowns import TERMS
from services.schedule_monitor.events import publishers
from services.schedule_monitor.events.subscribers import institution_router, visit_router
from services.schedule_monitor.settings import ScheduleMonitorSettings
from services.schedule_monitor.store.announced import AnnouncedStore
from services.schedule_monitor.store.basis import BasisStore
from services.schedule_monitor.store.courses import CourseStore
from services.schedule_monitor.store.held import HeldStore
from services.schedule_monitor.store.held_months import HeldMonthStore
from services.schedule_monitor.store.indexes import INDEXES
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.national_calendar import NationalCalendarStore
from services.schedule_monitor.store.practices import PracticeStore
from services.schedule_monitor.store.receipts import ReceiptStore
from services.schedule_monitor.store.refusals import RefusalStore
from services.schedule_monitor.store.school_calendars import SchoolCalendarStore
from services.schedule_monitor.store.school_hours import SchoolHoursStore
from services.schedule_monitor.store.switches import SwitchStore
from services.schedule_monitor.store.teaching_rooms import TeachingRoomStore
from services.schedule_monitor.store.timetables import TimetableStore
from services.schedule_monitor.store.visits import VisitStore
from shared.access.throttle import Throttle
from shared.alerts.loops import alert_store
from shared.audit.anchors import heads_router
from shared.kernel import Kernel
from shared.marks import MarkStore
from shared.messaging.subscribe import asyncapi_of, broker_of
from shared.process import Loop
from shared.senders.platforms import PlatformStore
from shared.senders.platforms_api import mount_platforms
from shared.senders.signing import SenderDoor
from shared.takedown.api import takedowns_router
from shared.takedown.desk import TakedownDesk, TakedownTimers
from shared.takedown.doors import PlatformEntrance, platform_takedowns_router
from shared.takedown.store import TakedownStore
from shared.timers import Timed
from shared.web import create_app
from shared.wiring import Role, Wires, run_wired, start, wired

SERVICE: Final = "schedule_monitor"
TITLE: Final = "课程监测"
_IDLE_SECONDS = 0.2
_UNDECIDED: Final = Tolerances()


def application(kernel: Kernel, *, tolerances: Tolerances = _UNDECIDED) -> FastAPI:
    """Return the service's HTTP side."""
    routers = [
        publishers.router,
        institution_router(None, None),
        visit_router(None, None, None),
        heads_router(SERVICE, None, None),
    ]
    app = create_app(
        kernel,
        title=TITLE,
        asyncapi=asyncapi_of(routers, title=TITLE, user=SERVICE),
    )
    app.state.rooms = _rooms(kernel, tolerances, app.state.throttle)
    # What has a name comes before what has an id or a day there: to those it would be one.
    for room in (
        page,
        platforms,
        notices,
        day_overrides,
        switches,
        calendar_uploads,
        calendar,
        school_calendars,
        school_hours,
        closures,
        summary,
        courses,
        checks,
        timetable_files,
        timetables_many,
        timetables,
        held_doors,
        held,
        patrols,
        patrol_results,
        practices,
        practice_opinions,
    ):
        app.include_router(room.router)
    mount_platforms(app, kernel)
    _mount_takedowns(app)
    return app


def _mount_takedowns(app: FastAPI) -> None:
    rooms: Rooms = app.state.rooms
    app.state.takedown_desk = rooms.drafting.desk
    app.state.takedown_entrance = PlatformEntrance(rooms.platforms, rooms.door)
    app.include_router(takedowns.router)
    app.include_router(takedowns_router())
    app.include_router(platform_takedowns_router())


def judge_of(kernel: Kernel, *, tolerances: Tolerances = _UNDECIDED) -> Judge:
    """Return the judge of a service's database."""
    desk = CalendarDesk(kernel.db)
    court = HeldCourt.of(kernel.db, desk=desk, tolerances=tolerances, computing=Computing())
    watch = Watch(desk=takedown_desk(kernel), court=court, courses=CourseStore(kernel.db))
    return Judge(kernel.db, alert_store(kernel), desk=desk, court=court, watch=watch)


def takedown_desk(kernel: Kernel) -> TakedownDesk:
    """Return where requests to platforms are worked on."""
    return TakedownDesk(
        store=TakedownStore(kernel.db, kernel.calendar),
        audit=kernel.audit,
        clock=kernel.clock,
        terms=TERMS,
        told=telling(alert_store(kernel), InstitutionReplica(kernel.db)),
        committed=kernel.committed,
    )


def office_of(kernel: Kernel) -> CalendarOffice:
    """Return what those who keep the calendars work with."""
    db = kernel.db
    return CalendarOffice(
        db=db,
        desk=CalendarDesk(db),
        national=NationalCalendarStore(db),
        schools=SchoolCalendarStore(db),
        hours=SchoolHoursStore(db),
        switches=SwitchStore(db),
        timetables=TimetableStore(db),
        announced=AnnouncedStore(db),
        basis=BasisStore(db),
        audit=kernel.audit,
        now=kernel.clock.now,
    )


def patrols_of(kernel: Kernel) -> PatrolDesk:
    """Return what proposes patrols."""
    return PatrolDesk.of(
        kernel.db,
        calendars=CalendarDesk(kernel.db),
        audit=kernel.audit,
        now=kernel.clock.now,
        committed=kernel.committed,
    )


def visits_of(kernel: Kernel) -> VisitDesk:
    """Return what takes the results of visits."""
    return VisitDesk(
        db=kernel.db,
        visits=VisitStore(kernel.db),
        held=_held(kernel),
        practices=_practices(kernel),
        audit=kernel.audit,
    )


def worker_loops(wires: Wires, settings: ScheduleMonitorSettings) -> list[Loop]:
    """Return what works beside the relay: judging, and what the registry tells."""
    judge = judge_of(wires.kernel, tolerances=_tolerated(settings))

    async def judging() -> None:
        await judge.begin()
        while True:
            if await judge.judge_one(now=wires.kernel.clock.now()):
                wires.relay.wake()
            else:
                await asyncio.sleep(_IDLE_SECONDS)

    async def listening() -> None:
        kernel, letters = wires.kernel, wires.dead_letters
        broker = broker_of(
            [
                institution_router(InstitutionReplica(kernel.db), letters),
                visit_router(visits_of(kernel), kernel.clock.now, letters),
            ],
            url=settings.nats_url,
            user=SERVICE,
            seed_file=settings.nats_seed_file,
            tracer=wires.kernel.sight.tracer,
        )
        async with broker:
            await broker.start()
            await asyncio.Event().wait()

    return [judging, listening]


def practice_timers(kernel: Kernel) -> PracticeTimers:
    """Return the clocks of reports of practice."""
    return PracticeTimers(
        kernel.db, reports=PracticeStore(kernel.db), audit=kernel.audit, now=kernel.clock.now
    )


async def main(settings: ScheduleMonitorSettings, role: Role) -> None:
    """Run the service: its HTTP side, its workers, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        kernel = wires.kernel
        await begin_calendar(kernel.calendar.notices, office=office_of(kernel))
        await wires.calendar.look()
        app = application(kernel, tolerances=_tolerated(settings))
        loops = [] if role == "serve" else worker_loops(wires, settings)
        timed: list[Timed] = [
            PatrolTimers(patrols_of(kernel)),
            practice_timers(kernel),
            TakedownTimers(takedown_desk(kernel)),
        ]
        await run_wired(wires, settings, role, app=app, loops=loops, timed=timed)


def _tolerated(settings: ScheduleMonitorSettings) -> Tolerances:
    return Tolerances(
        tuple((since, timedelta(minutes=minutes)) for since, minutes in settings.held_tolerances)
    )


def _held(kernel: Kernel) -> HeldDesk:
    return HeldDesk(
        db=kernel.db,
        held=HeldStore(kernel.db),
        months=HeldMonthStore(kernel.db),
        institutions=InstitutionReplica(kernel.db),
        audit=kernel.audit,
    )


def _practices(kernel: Kernel) -> PracticeDesk:
    return PracticeDesk(
        db=kernel.db,
        reports=PracticeStore(kernel.db),
        institutions=InstitutionReplica(kernel.db),
        audit=kernel.audit,
        calendar=kernel.calendar,
    )


def _courses(kernel: Kernel) -> CourseDesk:
    return CourseDesk(
        db=kernel.db,
        courses=CourseStore(kernel.db),
        rooms=TeachingRoomStore(kernel.db),
        institutions=InstitutionReplica(kernel.db),
        audit=kernel.audit,
    )


def _rooms(kernel: Kernel, tolerances: Tolerances, throttle: Throttle) -> Rooms:
    office = office_of(kernel)
    computing = Computing()
    court = HeldCourt.of(kernel.db, desk=office.desk, tolerances=tolerances, computing=computing)
    platforms = PlatformStore(kernel.db, kernel.audit)
    marks = MarkStore(kernel.db)

    async def waiting() -> tuple[int, int]:
        unsent = await kernel.db["outbox"].count_documents({"sent_at": None})
        return await marks.waiting(), unsent

    beside = SurroundingsDesk(kernel.db)
    return Rooms(
        platforms=platforms,
        sealer=kernel.sealer,
        door=SenderDoor(kernel.sealer, throttle=throttle, bounds=kernel.bounds),
        timetables=TimetableDesk(
            db=kernel.db,
            timetables=office.timetables,
            institutions=InstitutionReplica(kernel.db),
            calendars=office.desk,
            surroundings=beside,
            checks=CheckDesk(
                calendars=office.desk,
                institutions=InstitutionReplica(kernel.db),
                surroundings=beside,
                timetables=office.timetables,
                receipts=ReceiptStore(kernel.db),
                refusals=RefusalStore(kernel.db),
                computing=computing,
            ),
            audit=kernel.audit,
        ),
        courses=_courses(kernel),
        office=office,
        held=_held(kernel),
        patrols=patrols_of(kernel),
        visits=visits_of(kernel),
        practices=_practices(kernel),
        court=court,
        drafting=Drafting(
            desk=takedown_desk(kernel),
            platforms=platforms,
            records=GroundRecords(
                alerts=alert_store(kernel),
                court=court,
                courses=CourseStore(kernel.db),
                practices=PracticeStore(kernel.db),
                visits=VisitStore(kernel.db),
            ),
        ),
        computing=computing,
        large=asyncio.Lock(),
        waiting=waiting,
        now=kernel.clock.now,
        committed=kernel.committed,
    )


if __name__ == "__main__":
    start(SERVICE, ScheduleMonitorSettings, main)
