"""What a day is to the schools of one stage and to the classes for their pupils."""

from dataclasses import dataclass
from datetime import date

from services.schedule_monitor.domain.calendars.calendar import CityDay
from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.school_calendar import SchoolDay, school_day
from services.schedule_monitor.domain.calendars.school_hours import Period
from services.schedule_monitor.domain.session import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """A day of one stage; ``hours`` are ``None`` while it cannot be told when schools teach."""

    stage: Stage
    day: CityDay
    school: SchoolDay
    hours: tuple[Period, ...] | None = None
    adjusted_is_rest: bool = False
    childrens_day: bool = False
    exempt: bool = False


def day_facts(stage: Stage, on: date, calendars: Calendars) -> DayFacts:
    """Gather what is loaded and decided of a day."""
    policies = calendars.policies
    return DayFacts(
        stage=stage,
        day=calendars.city.day(on),
        school=school_day(calendars.schools, stage, on),
        hours=calendars.school_hours_on(stage, on),
        adjusted_is_rest=policies.adjusted_workday_on(on) == "rest_day",
        childrens_day=calendars.is_childrens_day(stage, on),
        exempt=stage == "senior_secondary" and not policies.senior_secondary_on(on),
    )
