"""Judge stated classes before anything is filed: nothing is kept."""

from collections.abc import Sequence

from services.schedule_monitor.domain.calendar import CityCalendar
from services.schedule_monitor.domain.calendars import Calendars
from services.schedule_monitor.domain.judge import Judged, judge_sessions
from services.schedule_monitor.domain.policies import Policies
from services.schedule_monitor.domain.session import Stated, as_registered
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.school_calendars import SchoolCalendarStore
from shared.mongo import Session
from shared.working_days import WorkingDays


def city_calendar(working_days: WorkingDays) -> CityCalendar:
    """Return the national calendar of the years that are loaded."""
    return CityCalendar(
        is_worked=lambda day: working_days.kind_of(day).working,
        supplied_years=frozenset(working_days.notices),
    )


class CalendarDesk:
    """Brings together what days are judged by: notices, school years, the city's decisions."""

    def __init__(
        self, schools: SchoolCalendarStore, *, working_days: WorkingDays, policies: Policies
    ) -> None:
        self.schools = schools
        self.working_days = working_days
        self.policies = policies
        self._city = city_calendar(working_days)

    async def calendars(self, *, session: Session | None = None) -> Calendars:
        """Return everything that is loaded now."""
        loaded = await self.schools.current(session=session)
        return Calendars(self._city, loaded, self.policies)


async def check_sessions(
    stated: Sequence[Stated],
    *,
    institution_id: str | None,
    institutions: InstitutionReplica,
    desk: CalendarDesk,
) -> list[Judged]:
    """Judge classes as they are stated, completed from the institution's registration."""
    registered = None if institution_id is None else await institutions.get(institution_id)
    calendars = await desk.calendars()
    return judge_sessions([as_registered(one, registered) for one in stated], calendars)
