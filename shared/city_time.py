"""The law counts days in city time, computers count instants in UTC."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

CITY_TIME = ZoneInfo("Asia/Shanghai")


def city_date(moment: datetime) -> date:
    """Return the calendar day in the city at this instant."""
    return moment.astimezone(CITY_TIME).date()


def city_month(moment: datetime) -> str:
    """Return the calendar month in the city at this instant, as ``2026-03``."""
    return month_of(city_date(moment))


def month_of(day: date) -> str:
    """Return the calendar month of a city day, as ``2026-03``."""
    # Not by strftime, which costs ten times as much: every posted event asks.
    return f"{day.year:04}-{day.month:02}"
