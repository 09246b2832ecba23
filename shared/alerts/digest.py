"""One message a working day for each department that has something open, at half past eight."""

from collections import Counter
from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from shared.alerts.clocks import Reckoning, running
from shared.alerts.model import Alert, Level
from shared.alerts.store import AlertStore
from shared.city_time import CITY_TIME, city_date
from shared.clock import Clock
from shared.duties.departments import ALL_CODES
from shared.mongo import Session, transact
from shared.notify.jobs import Notification, enqueue
from shared.timers import Timer, is_set, set_timer, set_timer_once
from shared.working_days import WorkingDays

DIGEST_TIMER: Final = "digest"
SENT_AT: Final = time(8, 30, tzinfo=CITY_TIME)
_SOON_WORKING_DAYS = 2


@dataclass(slots=True)
class Tally:
    """What one department has open."""

    levels: Counter[Level] = field(default_factory=Counter)
    overdue: int = 0
    soon: int = 0

    def add(self, alert: Alert, *, now: datetime, reckoning: Reckoning) -> None:
        """Count one alert."""
        soon = reckoning.deadline(city_date(now), days=_SOON_WORKING_DAYS)
        ends = [reckoning.deadline_of(clock) for clock in running(alert, reckoning)]
        self.levels[alert.level] += 1
        # After an absence of the service the digest may run before the clock's own timer.
        self.overdue += any(not end.provisional and end.at <= now for end in ends)
        self.soon += any(now < end.at <= soon.at for end in ends)

    @property
    def open(self) -> int:
        return self.levels.total()


class Digests:
    """Writes the daily digests of one service."""

    def __init__(self, alerts: AlertStore, *, service: str, clock: Clock) -> None:
        self._alerts = alerts
        self._service = service
        self._clock = clock

    async def plant(self) -> None:
        """Set the timer of every body that has none yet."""
        for department in ALL_CODES:
            await set_timer_once(self._alerts.db, self._next(department))

    async def on_timer(self, timer: Timer) -> None:
        """Send one department's digest, and wait for the next; once however often it runs."""
        await transact(self._alerts.db, lambda session: self._send(session, timer))

    async def _send(self, session: Session, timer: Timer) -> None:
        if not await is_set(self._alerts.db, timer, session=session):
            return
        department, now = timer.payload["department"], self._clock.now()
        # A service that was away over a weekend wakes on a day on which nobody reads.
        if self._alerts.reckoning.calendar.kind_of(city_date(now)).working:
            tally = await self._tally(department, now)
            if tally.open:
                digest = digest_of(department, tally, service=self._service, day=city_date(now))
                await enqueue(self._alerts.db, [digest], session=session)
        await set_timer(self._alerts.db, self._next(department), session=session)

    async def _tally(self, department: str, now: datetime) -> Tally:
        tally = Tally()
        async for alert in _awake(self._alerts.open_for(department), department, now):
            tally.add(alert, now=now, reckoning=self._alerts.reckoning)
        return tally

    def _next(self, department: str) -> Timer:
        return Timer(
            name=f"{DIGEST_TIMER}:{department}",
            kind=DIGEST_TIMER,
            due_at=next_digest(self._clock.now(), self._alerts.reckoning.calendar),
            payload={"department": department},
        )


def next_digest(now: datetime, calendar: WorkingDays) -> datetime:
    """Return the next half past eight of a working day; an estimated day is good enough."""
    day = city_date(now)
    while not (calendar.kind_of(day).working and _half_past_eight(day) > now):
        day += timedelta(days=1)
    return _half_past_eight(day)


def digest_of(department: str, tally: Tally, *, service: str, day: date) -> Notification:
    """Say what a department has open."""
    red, yellow = tally.levels["red"], tally.levels["yellow"]
    return Notification(
        department=department,
        kind="daily_digest",
        title=f"预警日报：{tally.open}条未办结",
        text=(
            f"截至{day:%Y年%m月%d日}，未办结预警{tally.open}条：红色{red}条，黄色{yellow}条；"
            f"其中逾期{tally.overdue}条，{_SOON_WORKING_DAYS}个工作日内到期{tally.soon}条。"
        ),
        data={
            "service": service,
            "day": day.isoformat(),
            "red": red,
            "yellow": yellow,
            "overdue": tally.overdue,
            "soon": tally.soon,
        },
    )


async def _awake(
    alerts: AsyncIterable[Alert], department: str, now: datetime
) -> AsyncIterable[Alert]:
    async for alert in alerts:
        delivery = alert.delivery_to(department)
        if delivery is not None and not delivery.is_snoozed(now):
            yield alert


def _half_past_eight(day: date) -> datetime:
    return datetime.combine(day, SENT_AT)
