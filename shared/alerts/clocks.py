"""The clocks of an alert: which run, from when, and when each has passed.

Nothing here is stored: the clocks follow from the alert, the numbers and the calendar, so that a
notice of the State Council that is loaded later moves them all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from shared.alerts.changes import Change
from shared.alerts.history import ClockKind, Lateness
from shared.alerts.limits import DEFAULT_LIMITS, AlertLimits, limits_on
from shared.alerts.model import Alert
from shared.city_time import city_date
from shared.working_days import Deadline, WorkingDays

LAST_STEP = 2


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What clocks are counted with: the national calendar, and the numbers with their dates."""

    calendar: WorkingDays = field(default_factory=WorkingDays)
    numbers: Sequence[AlertLimits] = DEFAULT_LIMITS
    # A judge asks for the same few days again and again, and a day is counted one by one.
    _counted: dict[tuple[date, int, int], Deadline] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def limits(self, day: date) -> AlertLimits:
        return limits_on(day, self.numbers)

    def deadline(self, start: date, *, days: int) -> Deadline:
        """Return the end of a period, told in UTC as everything that leaves a service is."""
        # By another calendar, learned meanwhile, the same period may end on another day.
        asked = (start, days, self.calendar.changes)
        known = self._counted.get(asked)
        if known is None:
            found = self.calendar.deadline(start, days=days)
            known = self._counted[asked] = replace(found, at=found.at.astimezone(UTC))
        return known

    def deadline_of(self, period: "Running") -> Deadline:
        return self.deadline(period.started_on, days=period.days)


@dataclass(frozen=True, slots=True)
class Running:
    """One clock that runs for the lead: the day it began on, and its working days."""

    clock: ClockKind
    started_on: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The next moment at which a clock makes something of an alert."""

    clock: ClockKind
    at: datetime
    provisional: bool
    started_on: date
    days: int


def running(alert: Alert, reckoning: Reckoning) -> tuple[Running, ...]:
    """Return the clocks that run for the lead now."""
    return tuple(_running(alert, reckoning)) if alert.is_open else ()


def mark_of(alert: Alert, clock: Running) -> Lateness | None:
    """Return the mark that this very period has passed, if it was made."""
    return next((it for it in alert.overdue if _is_of(it, clock)), None)


def next_due(alert: Alert, reckoning: Reckoning) -> Due | None:
    """Return what the timer of an alert waits for: a clock that ends, or the step after one."""
    waits = [
        due
        for clock in running(alert, reckoning)
        if (due := _due(clock, mark_of(alert, clock), reckoning)) is not None
    ]
    return min(waits, key=lambda due: due.at, default=None)


def escalation_period(late: Lateness, reckoning: Reckoning) -> Running:
    """Return the period after which a late clock is carried up one step more."""
    # Clocks end at midnight: the day they are marked on is the first day more.
    began_on = city_date(late.marked_at) - timedelta(days=1)
    return Running(late.clock, began_on, reckoning.limits(began_on).escalate)


def statement_deadline(alert: Alert, reckoning: Reckoning) -> Deadline | None:
    """Return until when the institution may state its case, if it was told."""
    if alert.told_at is None:
        return None
    day = city_date(alert.told_at)
    return reckoning.deadline(day, days=reckoning.limits(day).statement)


def with_stopped_clocks(change: Change, reckoning: Reckoning) -> Change:
    """End the marks of clocks that no longer run after a change; the marks themselves stay."""
    alert = change.after
    if not alert.overdue:
        return change
    clocks = running(alert, reckoning)
    lateness = tuple(
        it
        if it.stopped_at is not None or any(_is_of(it, clock) for clock in clocks)
        else replace(it, stopped_at=alert.updated_at)
        for it in alert.lateness
    )
    return replace(change, after=replace(alert, lateness=lateness))


def _running(alert: Alert, reckoning: Reckoning) -> Iterator[Running]:
    if alert.state == "raised":
        day = city_date(max(alert.opened_at, alert.led_since))
        yield Running("acknowledge", day, reckoning.limits(day).acknowledge(alert.level))
    order = alert.rectification
    if order is not None and order.recheck is None:
        yield Running("recheck", order.until, reckoning.limits(order.until).recheck)
        return
    # Whatever was put right and looked at leaves a matter to end.
    began_at = (
        alert.opened_at if order is None or order.recheck is None else order.recheck.checked_at
    )
    day = city_date(began_at)
    yield Running("dispose", day, reckoning.limits(day).dispose(alert.level))


def _due(clock: Running, late: Lateness | None, reckoning: Reckoning) -> Due | None:
    if late is not None and late.step >= LAST_STEP:
        return None
    period = clock if late is None else escalation_period(late, reckoning)
    deadline = reckoning.deadline_of(period)
    return Due(
        clock=clock.clock,
        at=deadline.at,
        provisional=deadline.provisional,
        started_on=period.started_on,
        days=period.days,
    )


def _is_of(late: Lateness, clock: Running) -> bool:
    return (late.clock, late.started_on, late.days) == (
        clock.clock,
        clock.started_on,
        clock.days,
    )
