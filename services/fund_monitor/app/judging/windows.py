"""The calendar months that one judging looks at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta

from shared.alerts.model import Verdict
from shared.city_time import city_date, month_of
from shared.marks import FROM_THE_BEGINNING

EARLIEST: Final = date(2000, 1, 1)
"""No event of a bank is older: its contract does not allow it."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Every month from the first one a mark names; all there are when it names none."""

    first: str
    today: date

    @property
    def since(self) -> date:
        """The first day that is looked at."""
        beginning = self.first == FROM_THE_BEGINNING
        return EARLIEST if beginning else date.fromisoformat(f"{self.first}-01")

    def judged(self, month: str) -> bool:
        """Tell whether a month is looked at."""
        return month >= self.first

    def of(self, moments: Iterable[datetime]) -> list[str]:
        """Return the months, in order, in which these moments fall and which are looked at."""
        found = {month_of(city_date(moment)) for moment in moments}
        return sorted(month for month in found if self.judged(month))

    def with_those_of(self, verdicts: Iterable[Verdict]) -> tuple[str, ...] | None:
        """Return the months that some verdicts are complete about: theirs may lie ahead."""
        names = self.names
        return None if names is None else tuple({*names, *(one.window for one in verdicts)})

    @property
    def names(self) -> tuple[str, ...] | None:
        """Return every month up to the coming one, or nothing where all are looked at."""
        if self.first == FROM_THE_BEGINNING:
            return None
        last = month_of(self.today + timedelta(days=31))
        month = self.since
        found: list[str] = []
        while month_of(month) <= last:
            found.append(month_of(month))
            month += relativedelta(months=1)
        return tuple(found)
