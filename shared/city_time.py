"""The law counts days in city time, computers count instants in UTC."""

from datetime import UTC, date, datetime, time, timedelta
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
    return f"{day:%Y-%m}"


def day_end(day: date) -> datetime:
    """Return the instant at which a city day ends, which is where the next one begins."""
    return datetime.combine(day + timedelta(days=1), time(), CITY_TIME).astimezone(UTC)
