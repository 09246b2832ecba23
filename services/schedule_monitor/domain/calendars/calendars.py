"""Everything days are judged by, together: notices, school years, school hours, decisions."""

from dataclasses import dataclass
from datetime import date

from services.schedule_monitor.domain.calendars.calendar import CityCalendar
from services.schedule_monitor.domain.calendars.policies import Policies
from services.schedule_monitor.domain.calendars.school_calendar import SchoolCalendar, school_day
from services.schedule_monitor.domain.calendars.school_hours import Period, SchoolHours
from services.schedule_monitor.domain.session import Stage

_WORKED = ("ordinary_weekday", "adjusted_workday")
_CHILDRENS_DAY = (6, 1)


@dataclass(frozen=True, slots=True)
class Calendars:
    """What is loaded of the national calendar and of schools, and what the city has decided."""

    city: CityCalendar
    schools: tuple[SchoolCalendar, ...]
    policies: Policies
    hours: tuple[SchoolHours, ...] = ()

    def is_school_day(self, stage: Stage, on: date) -> bool | None:
        """Tell whether schools of a stage teach on a day; ``None`` while it cannot be told.

        Schools teach on worked days of the year that lie in no break, also on worked weekend days:
        the switch on those is about subject classes alone.
        """
        kind = self.city.day(on).kind
        school = school_day(self.schools, stage, on)
        if (kind is not None and kind not in _WORKED) or school.breaks:
            return False
        if self.is_childrens_day(stage, on):
            return False
        return None if kind is None or not school.covered else True

    def school_hours_on(self, stage: Stage, on: date) -> tuple[Period, ...] | None:
        """Return when schools of a stage teach on a day; ``None`` while it cannot be told."""
        teaches = self.is_school_day(stage, on)
        if teaches is None:
            return None
        if not teaches:
            return ()
        year = next(one for one in self.schools if one.stage == stage and one.covers(on))
        hours = self.hours_of(year.school_year, stage)
        return None if hours is None else hours.on(on)

    def hours_of(self, school_year: str, stage: Stage) -> SchoolHours | None:
        """Return the school hours of a year and stage, where they are loaded."""
        wanted = (school_year, stage)
        return next((one for one in self.hours if (one.school_year, one.stage) == wanted), None)

    def is_childrens_day(self, stage: Stage, on: date) -> bool:
        """Tell whether the day is a free 1 June for this stage: for children under 14 by law."""
        is_first_of_june = (on.month, on.day) == _CHILDRENS_DAY
        return (
            is_first_of_june and stage != "senior_secondary" and self.policies.childrens_day_on(on)
        )
