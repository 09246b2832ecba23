"""The spring term of 2026 in city time, and moments in it."""

from datetime import date, datetime, time, timedelta
from random import Random

from shared.city_time import CITY_TIME

OPENING = date(2026, 2, 24)
"""The first working day after the Spring Festival: the accounts are opened from here on."""
AS_OF = date(2026, 6, 30)
REVOKED_ON = date(2026, 5, 6)
LAST_MOMENT = datetime.combine(AS_OF, time(17), CITY_TIME)
"""The demo is seen at 18:00 of its last day; nothing happens after this."""


def moment(rng: Random, day: date) -> datetime:
    """Return a moment of the day's business hours, to the second."""
    seconds = rng.randrange(9 * 3600, 17 * 3600)
    return datetime.combine(day, time(), CITY_TIME) + timedelta(seconds=seconds)


def day_between(rng: Random, first: date, last: date) -> date:
    """Return a day from the first to the last, both included."""
    return first + timedelta(days=rng.randint(0, max(0, (last - first).days)))
