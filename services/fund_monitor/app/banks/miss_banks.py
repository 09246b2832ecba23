"""Every noon all banks are looked at: one that sends nothing gives no other occasion to."""

from datetime import date, datetime, timedelta
from typing import Final

from services.fund_monitor.domain.rules.limits import SILENT_BY
from services.fund_monitor.store.banks.bank_activity import BankActivityStore
from shared.city_time import city_date
from shared.clock import Clock
from shared.mongo import Database
from shared.timers import Handler, Timer, set_timer, set_timer_once
from shared.working_days import start_of

MISS_BANKS: Final = "fund.miss_banks"


class SilenceOfBanks:
    """The timer that has every bank judged again at noon."""

    def __init__(self, db: Database, activity: BankActivityStore, clock: Clock) -> None:
        self._db = db
        self._activity = activity
        self._clock = clock
        self.handlers: dict[str, Handler] = {MISS_BANKS: self._look}

    async def begin(self) -> None:
        """Set the first timer of a service that has none."""
        await set_timer_once(self._db, _timer(_noon_of(city_date(self._clock.now()))))

    async def _look(self, timer: Timer) -> None:
        del timer
        await self._activity.mark_all()
        # A service that was away for days has nothing to make up for: banks are judged as of now.
        now = self._clock.now()
        noon = _noon_of(city_date(now))
        following = noon if now < noon else _noon_of(city_date(now) + timedelta(days=1))
        await set_timer(self._db, _timer(following))


def _noon_of(day: date) -> datetime:
    return start_of(day) + timedelta(hours=SILENT_BY.hour)


def _timer(due_at: datetime) -> Timer:
    return Timer(name=MISS_BANKS, kind=MISS_BANKS, due_at=due_at)
