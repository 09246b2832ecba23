"""Brings together what days are judged by: notices, school years, hours, the city's decisions."""

from services.schedule_monitor.domain.calendars.calendar import CityCalendar
from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.store.basis import BasisStore
from services.schedule_monitor.store.calendars.national_calendar import NationalCalendarStore
from services.schedule_monitor.store.calendars.school_calendars import SchoolCalendarStore
from services.schedule_monitor.store.calendars.school_hours import SchoolHoursStore
from services.schedule_monitor.store.calendars.switches import SwitchStore
from shared.mongo import Database, Session


class CalendarDesk:
    """Reads what is loaded; again only when it has another name."""

    def __init__(self, db: Database) -> None:
        self._basis = BasisStore(db)
        self._national = NationalCalendarStore(db)
        self._schools = SchoolCalendarStore(db)
        self._hours = SchoolHoursStore(db)
        self._switches = SwitchStore(db)
        self._known: tuple[str, Calendars] | None = None

    async def calendars(self, *, session: Session | None = None) -> Calendars:
        """Return everything that is loaded now, as the caller's transaction sees it."""
        name = await self._basis.name(session=session)
        if self._known is not None and self._known[0] == name:
            return self._known[1]
        loaded = await self._loaded(session)
        if name is not None:
            self._known = (name, loaded)
        return loaded

    async def _loaded(self, session: Session | None) -> Calendars:
        return Calendars(
            city=CityCalendar(
                await self._national.notices(session=session),
                await self._national.overrides(session=session),
            ),
            schools=await self._schools.current(session=session),
            policies=await self._switches.policies(session=session),
            hours=await self._hours.current(session=session),
        )
