"""The HTTP side of schedule_monitor: its routes, in the order in which they are looked through."""

from typing import Final

from fastapi import FastAPI

from services.schedule_monitor.api import page, summary, takedowns
from services.schedule_monitor.api.calendars import (
    calendar,
    calendar_uploads,
    closures,
    day_overrides,
    notices,
    school_calendars,
    school_hours,
    switches,
)
from services.schedule_monitor.api.deps import Rooms
from services.schedule_monitor.api.held import held, held_doors, platforms
from services.schedule_monitor.api.patrols import patrol_results, patrols
from services.schedule_monitor.api.practices import practice_opinions, practices
from services.schedule_monitor.api.timetables import (
    checks,
    courses,
    timetable_files,
    timetables,
    timetables_many,
)
from services.schedule_monitor.desks import rooms_of
from services.schedule_monitor.domain.held.comparison import Tolerances
from services.schedule_monitor.events import publishers
from services.schedule_monitor.events.subscribers import institution_router, visit_router
from shared.audit.anchors import heads_router
from shared.kernel import Kernel
from shared.messaging.subscribe import asyncapi_of
from shared.senders.platforms_api import mount_platforms
from shared.takedown.api import takedowns_router
from shared.takedown.doors import PlatformEntrance, platform_takedowns_router
from shared.web import create_app

SERVICE: Final = "schedule_monitor"
TITLE: Final = "课程监测"
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
    app.state.rooms = rooms_of(kernel, throttle=app.state.throttle, tolerances=tolerances)
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
