"""How schedule_monitor starts: what is wired, brought up to date and run, in this order."""

from datetime import timedelta

from services.schedule_monitor.app.calendars.load_notice import begin_calendar
from services.schedule_monitor.application import SERVICE, application
from services.schedule_monitor.desks import calendar_office
from services.schedule_monitor.domain.held.comparison import Tolerances
from services.schedule_monitor.loops import timers_of, worker_loops
from services.schedule_monitor.settings import ScheduleMonitorSettings
from services.schedule_monitor.store.indexes import INDEXES
from shared.starting import Role, run_wired, start
from shared.wiring import wired


async def main(settings: ScheduleMonitorSettings, role: Role) -> None:
    """Run the service: its HTTP side, its workers, or both."""
    tolerances = Tolerances(
        tuple((since, timedelta(minutes=minutes)) for since, minutes in settings.held_tolerances)
    )
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        kernel = wires.kernel
        await begin_calendar(kernel.calendar.notices, office=calendar_office(kernel))
        await wires.calendar.look()
        app = application(kernel, tolerances=tolerances)
        loops = [] if role == "serve" else worker_loops(wires, settings, tolerances)
        await run_wired(wires, settings, role, app=app, loops=loops, timed=timers_of(kernel))


if __name__ == "__main__":
    start(SERVICE, ScheduleMonitorSettings, main)
