"""Every evening each town is proposed the patrols of the days that come."""

from datetime import datetime, time, timedelta
from typing import Final

from services.schedule_monitor.app.patrols.propose_patrol import PatrolDesk, propose_patrol
from shared.city_time import CITY_TIME, city_date
from shared.duties.departments import TOWNS
from shared.timers import Handler, Timer, set_timer, set_timer_once

PATROL_TIMER: Final = "patrol"
TOLD_AT: Final = time(17, 0, tzinfo=CITY_TIME)
DAYS_AHEAD: Final = 3
"""On a Friday evening the weekend and Monday are planned."""


class PatrolTimers:
    """A timer for each town: one that fails keeps no other from its proposals."""

    def __init__(self, desk: PatrolDesk) -> None:
        self._desk = desk
        self.handlers: dict[str, Handler] = {PATROL_TIMER: self.on_timer}

    async def begin(self) -> None:
        """Set the timer of every town that has none yet."""
        for town in TOWNS:
            await set_timer_once(self._desk.db, _next(town.code, self._desk.now()))

    async def on_timer(self, timer: Timer) -> None:
        """Propose the coming days to one town, and wait for the next evening; it may run twice."""
        town, now = timer.payload["town"], self._desk.now()
        for ahead in range(1, DAYS_AHEAD + 1):
            await propose_patrol(city_date(now) + timedelta(days=ahead), town, desk=self._desk)
        await set_timer(self._desk.db, _next(town, now))


def _next(town: str, now: datetime) -> Timer:
    today = datetime.combine(city_date(now), TOLD_AT)
    return Timer(
        name=f"{PATROL_TIMER}/{town}",
        kind=PATROL_TIMER,
        due_at=today if today > now else today + timedelta(days=1),
        payload={"town": town},
    )
