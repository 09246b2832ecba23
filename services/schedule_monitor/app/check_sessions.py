"""What days are judged by, brought together."""

from services.schedule_monitor.domain.calendar import CityCalendar
from services.schedule_monitor.domain.calendars import Calendars
from services.schedule_monitor.domain.policies import Policies
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
