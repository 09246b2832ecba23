"""The composition root of schedule_monitor: the only file that knows every room."""

import asyncio
from typing import Final

from fastapi import FastAPI

from services.schedule_monitor.api import (
    calendar,
    checks,
    courses,
    page,
    platforms,
    school_calendars,
    summary,
    timetable_files,
    timetables,
)
from services.schedule_monitor.api.deps import Rooms
from services.schedule_monitor.app.check_sessions import CalendarDesk
from services.schedule_monitor.app.check_timetable import CheckDesk
from services.schedule_monitor.app.file_course import CourseDesk
from services.schedule_monitor.app.file_timetable import TimetableDesk
from services.schedule_monitor.app.judge_marked import Judge
from services.schedule_monitor.app.load_school_calendar import SchoolDesk
from services.schedule_monitor.domain.policies import Decision, Policies
from services.schedule_monitor.events import publishers
from services.schedule_monitor.events.subscribers import institution_router
from services.schedule_monitor.settings import ScheduleMonitorSettings
from services.schedule_monitor.store.courses import CourseStore
from services.schedule_monitor.store.indexes import INDEXES
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.receipts import ReceiptStore
from services.schedule_monitor.store.school_calendars import SchoolCalendarStore
from services.schedule_monitor.store.teaching_rooms import TeachingRoomStore
from services.schedule_monitor.store.timetables import TimetableStore
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
from shared.web import create_app
from shared.wiring import Role, Wires, run_wired, start, wired

SERVICE: Final = "schedule_monitor"
TITLE: Final = "课程监测"
_IDLE_SECONDS = 0.2
_PROPOSED: Final = Policies()


def application(kernel: Kernel, *, policies: Policies = _PROPOSED) -> FastAPI:
    """Return the service's HTTP side."""
    routers = [
        publishers.router,
        institution_router(None, None),
        heads_router(SERVICE, None, None),
    ]
    app = create_app(
        kernel,
        title=TITLE,
        asyncapi=asyncapi_of(routers, title=TITLE, user=SERVICE),
    )
    app.state.rooms = _rooms(kernel, policies, app.state.throttle)
    # The summary and the template come before the timetables: to them their addresses are ids.
    rooms = (page, platforms, calendar, school_calendars, summary, courses, checks)
    for room in (*rooms, timetable_files, timetables):
        app.include_router(room.router)
    mount_platforms(app, kernel)
    return app


def judge_of(kernel: Kernel, *, policies: Policies = _PROPOSED) -> Judge:
    """Return the judge of a service's database."""
    return Judge(kernel.db, alert_store(kernel), desk=_desk(kernel, policies))


def worker_loops(wires: Wires, settings: ScheduleMonitorSettings) -> list[Loop]:
    """Return what works beside the relay: judging, and the registry's state."""
    judge = judge_of(wires.kernel, policies=_decided(settings))

    async def judging() -> None:
        await judge.begin()
        while True:
            if await judge.judge_one(now=wires.kernel.clock.now()):
                wires.relay.wake()
            else:
                await asyncio.sleep(_IDLE_SECONDS)

    async def institutions() -> None:
        router = institution_router(InstitutionReplica(wires.kernel.db), wires.dead_letters)
        broker = broker_of(
            [router],
            url=settings.nats_url,
            user=SERVICE,
            seed_file=settings.nats_seed_file,
            tracer=wires.kernel.sight.tracer,
        )
        async with broker:
            await broker.start()
            await asyncio.Event().wait()

    return [judging, institutions]


async def main(settings: ScheduleMonitorSettings, role: Role) -> None:
    """Run the service: its HTTP side, its workers, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        app = application(wires.kernel, policies=_decided(settings))
        loops = [] if role == "serve" else worker_loops(wires, settings)
        await run_wired(wires, settings, role, app=app, loops=loops)


def _decided(settings: ScheduleMonitorSettings) -> Policies:
    return Policies(
        tuple(
            Decision(switch="adjusted_workdays", since=since, value=value, reference="部署设置")
            for since, value in settings.adjusted_workdays
        )
    )


def _desk(kernel: Kernel, policies: Policies) -> CalendarDesk:
    schools = SchoolCalendarStore(kernel.db)
    return CalendarDesk(schools, working_days=kernel.calendar, policies=policies)


def _courses(kernel: Kernel) -> CourseDesk:
    return CourseDesk(
        db=kernel.db,
        courses=CourseStore(kernel.db),
        rooms=TeachingRoomStore(kernel.db),
        institutions=InstitutionReplica(kernel.db),
        audit=kernel.audit,
    )


def _rooms(kernel: Kernel, policies: Policies, throttle: Throttle) -> Rooms:
    found = TimetableStore(kernel.db)
    marks = MarkStore(kernel.db)

    async def waiting() -> tuple[int, int]:
        unsent = await kernel.db["outbox"].count_documents({"sent_at": None})
        return await marks.waiting(), unsent

    calendars, filed = _desk(kernel, policies), _courses(kernel)
    return Rooms(
        platforms=PlatformStore(kernel.db, kernel.audit),
        sealer=kernel.sealer,
        door=SenderDoor(kernel.sealer, throttle=throttle),
        timetables=TimetableDesk(
            db=kernel.db,
            timetables=found,
            institutions=InstitutionReplica(kernel.db),
            calendars=calendars,
            courses=filed,
            checks=CheckDesk(
                calendars=calendars,
                courses=filed,
                timetables=found,
                receipts=ReceiptStore(kernel.db),
            ),
            audit=kernel.audit,
        ),
        courses=filed,
        schools=SchoolDesk(
            db=kernel.db,
            schools=SchoolCalendarStore(kernel.db),
            timetables=found,
            audit=kernel.audit,
        ),
        waiting=waiting,
        now=kernel.clock.now,
        committed=kernel.committed,
    )


if __name__ == "__main__":
    start(SERVICE, ScheduleMonitorSettings, main)
