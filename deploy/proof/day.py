"""A city day as the machine's clock knows it: the one by which messages enter the streams."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared.city_time import CITY_TIME

# How far a message's time may lie from the time its sender wrote into it.
LEEWAY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CityDay:
    """From midnight to midnight in the city, as instants."""

    day: date

    @property
    def start(self) -> datetime:
        return datetime.combine(self.day, time(), CITY_TIME).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=1), time(), CITY_TIME).astimezone(UTC)

    def holds(self, moment: datetime) -> bool:
        """Tell whether an instant lies in the day."""
        return self.start <= moment < self.end
