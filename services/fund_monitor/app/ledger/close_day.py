"""Close the journal day by day, a while after each day has ended."""

from datetime import date, datetime, timedelta
from typing import Final

from services.fund_monitor.domain.ledger.closing import BEFORE_ALL, Closing, Summing
from services.fund_monitor.store.ledger.closings import ClosingStore
from shared.city_time import city_date
from shared.clock import Clock, machine_now, milliseconds
from shared.ids import first_id_at
from shared.logs import log
from shared.mongo import Session, transact
from shared.timers import Handler, Timer, set_timer, set_timer_once
from shared.working_days import end_of

CLOSE_DAY: Final = "fund.close_day"
# A transaction lives 15 s at most, so that by then every posting before the mark has committed.
SETTLED: Final = timedelta(seconds=60)
_AFTER_MIDNIGHT: Final = timedelta(minutes=10)


class ClosingTimers:
    """The timer that closes each day."""

    def __init__(self, closings: ClosingStore, clock: Clock) -> None:
        self._closings = closings
        self._clock = clock
        self.handlers: dict[str, Handler] = {CLOSE_DAY: self._close}

    async def begin(self) -> None:
        """Set the first timer of a service that has none."""
        await set_timer_once(self._closings.db, _timer(city_date(self._clock.now())))

    async def _close(self, timer: Timer) -> None:
        day = date.fromisoformat(timer.payload["day"])
        await close_day(day, closings=self._closings, now=machine_now())
        # A service that was away for days closes them one after the other.
        await set_timer(self._closings.db, _timer(day + timedelta(days=1)))


async def close_day(day: date, *, closings: ClosingStore, now: datetime) -> Closing:
    """Close a day over all that was recorded since the closing before; a repeat changes nothing."""
    last = await closings.last()
    if last is not None and last.day >= day:
        return await closings.find(day)
    until = first_id_at(now - SETTLED)
    summing = Summing(day, last)
    after = BEFORE_ALL if last is None else last.until
    async for entry in closings.recorded(after=after, until=max(after, until)):
        summing.add(entry)
    closing = summing.closing(until=max(after, until), at=milliseconds(now))

    async def write(session: Session) -> bool:
        return await closings.add(closing, now=now, session=session)

    if await transact(closings.db, write):
        log.info("fund.day_closed", day=day.isoformat(), entries=closing.entries)
    return await closings.find(day)


def _timer(day: date) -> Timer:
    return Timer(
        name=CLOSE_DAY,
        kind=CLOSE_DAY,
        due_at=end_of(day) + _AFTER_MIDNIGHT,
        payload={"day": day.isoformat()},
    )
