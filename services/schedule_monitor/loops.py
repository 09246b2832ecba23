"""What schedule_monitor does in the background, each loop and timer put together once."""

import asyncio
from typing import Final

from services.schedule_monitor.app.calendars.calendar_desk import CalendarDesk
from services.schedule_monitor.app.computing import Computing
from services.schedule_monitor.app.held.judge_held import HeldCourt
from services.schedule_monitor.app.judge_marked import Judge
from services.schedule_monitor.app.patrols.patrol_timers import PatrolTimers
from services.schedule_monitor.app.practices.practice_clock import PracticeTimers
from services.schedule_monitor.app.takedowns.look_again import Watch
from services.schedule_monitor.desks import patrol_desk, takedown_desk, visit_desk
from services.schedule_monitor.domain.held.comparison import Tolerances
from services.schedule_monitor.events.subscribers import institution_router, visit_router
from services.schedule_monitor.settings import ScheduleMonitorSettings
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.practices import PracticeStore
from services.schedule_monitor.store.timetables.courses import CourseStore
from shared.alerts.loops import alert_store
from shared.kernel import Kernel
from shared.messaging.subscribe import hear
from shared.process import Loop
from shared.takedown.desk import TakedownTimers
from shared.timers import Timed
from shared.wiring import Wires

_IDLE_SECONDS = 0.2
_UNDECIDED: Final = Tolerances()


def worker_loops(
    wires: Wires, settings: ScheduleMonitorSettings, tolerances: Tolerances
) -> list[Loop]:
    """Return what works beside the relay: judging, and what others tell."""
    return [_judging(wires, tolerances), _hearing(wires, settings)]


def timers_of(kernel: Kernel) -> list[Timed]:
    """Return what falls due at an hour: a week's patrols, opinions and requests overdue."""
    return [
        PatrolTimers(patrol_desk(kernel)),
        PracticeTimers(
            kernel.db, reports=PracticeStore(kernel.db), audit=kernel.audit, now=kernel.clock.now
        ),
        TakedownTimers(takedown_desk(kernel)),
    ]


def judge_of(kernel: Kernel, *, tolerances: Tolerances = _UNDECIDED) -> Judge:
    """Return the judge of a service's database."""
    desk = CalendarDesk(kernel.db)
    court = HeldCourt.of(kernel.db, desk=desk, tolerances=tolerances, computing=Computing())
    watch = Watch(desk=takedown_desk(kernel), court=court, courses=CourseStore(kernel.db))
    return Judge(kernel.db, alert_store(kernel), desk=desk, court=court, watch=watch)


def _judging(wires: Wires, tolerances: Tolerances) -> Loop:
    judge = judge_of(wires.kernel, tolerances=tolerances)

    async def judging() -> None:
        await judge.begin()
        while True:
            if await judge.judge_one(now=wires.kernel.clock.now()):
                wires.relay.wake()
            else:
                await asyncio.sleep(_IDLE_SECONDS)

    return judging


def _hearing(wires: Wires, settings: ScheduleMonitorSettings) -> Loop:
    """Return what hears of institutions and of visits."""
    kernel, letters = wires.kernel, wires.dead_letters

    async def hearing() -> None:
        await hear(
            [
                institution_router(InstitutionReplica(kernel.db), letters),
                visit_router(visit_desk(kernel), kernel.clock.now, letters),
            ],
            url=settings.nats_url,
            user=kernel.service,
            seed_file=settings.nats_seed_file,
            tracer=kernel.sight.tracer,
        )

    return hearing
