"""Jobs of a later moment: set in the transaction that makes them necessary, leased when due.

A timer is due by the service clock, and leased by the machine's. One that rests on a provisional
calendar never fires; when a notice is loaded or corrected its moment is counted anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any, Final, Protocol, TypeAlias

from pymongo import ASCENDING, DeleteOne, IndexModel, ReplaceOne

from shared.clock import Clock, machine_now
from shared.ids import new_id
from shared.logs import log
from shared.mongo import Database, Row, Session, unreachable
from shared.working_days import WorkingDays

LEASE = timedelta(seconds=60)
# Less than the lease: a job that went on past it would run beside its own repeat.
JOB_SECONDS = 45.0
LONGEST_DELAY = timedelta(minutes=10)
_POLL_SECONDS = 1.0
_AWAY_SECONDS = 5.0
_RECOUNT_SECONDS = 60.0
_COUNTED: Final[Row] = {"period": {"$ne": None}}

TIMER_INDEXES = {
    "timers": [
        IndexModel([("provisional", ASCENDING), ("due_at", ASCENDING)], name="due"),
    ]
}


@dataclass(frozen=True, slots=True)
class Period:
    """What a deadline was counted from, so that it can be counted again."""

    start: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """One job: its name is unique, and setting it again moves it."""

    name: str
    kind: str
    due_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    provisional: bool = False
    period: Period | None = None


Handler: TypeAlias = Callable[[Timer], Awaitable[None]]
"""Does the job. It must bear a repeat, and may set the same timer again for a later moment."""


class Timed(Protocol):
    """Jobs of one matter that fall due: what does each kind, and how the first one is set."""

    handlers: dict[str, Handler]

    async def begin(self) -> None:
        """Set the timers without which there would never be one; may run in every process."""
        ...


async def set_timer(db: Database, timer: Timer, *, session: Session | None = None) -> None:
    """Set a timer, or move the one of this name; a lease on it ends, so a running job leaves it."""
    await db["timers"].replace_one(
        {"_id": timer.name}, _row_of(timer), upsert=True, session=session
    )


async def move_timers(
    db: Database, timers: Sequence[Timer], *, cleared: Sequence[str], session: Session
) -> None:
    """Set many timers and forget others, in one round trip for each kind of the two."""
    writes: list[ReplaceOne[Row] | DeleteOne] = [
        ReplaceOne({"_id": timer.name}, _row_of(timer), upsert=True) for timer in timers
    ]
    writes += [DeleteOne({"_id": name}) for name in cleared]
    if writes:
        await db["timers"].bulk_write(writes, ordered=False, session=session)


async def set_timer_once(db: Database, timer: Timer) -> None:
    """Set a timer unless one of this name is set: whoever starts first plants it."""
    await db["timers"].update_one(
        {"_id": timer.name}, {"$setOnInsert": _row_of(timer)}, upsert=True
    )


async def is_set(db: Database, timer: Timer, *, session: Session) -> bool:
    """Tell whether a timer still waits for the moment it was leased for, and nobody moved it."""
    found = {"_id": timer.name, "due_at": timer.due_at}
    return await db["timers"].find_one(found, {"_id": 1}, session=session) is not None


async def clear_timer(db: Database, name: str, *, session: Session | None = None) -> None:
    """Forget a timer; one that is not set is no error."""
    await db["timers"].delete_one({"_id": name}, session=session)


class Timers:
    """Runs the jobs that are due; several processes may run beside each other."""

    def __init__(
        self,
        db: Database,
        *,
        clock: Clock,
        calendar: WorkingDays,
        handlers: Mapping[str, Handler],
    ) -> None:
        self._rows = db["timers"]
        self._clock = clock
        self._calendar = calendar
        self._handlers = handlers

    async def run(self) -> None:
        """Do what is due until cancelled; whenever the calendar has changed, recount before."""
        counted_by, counted_at = -1, 0.0
        while True:
            try:
                if counted_by != (changes := self._calendar.changes):
                    await self.recount()
                    counted_by, counted_at = changes, monotonic()
                elif monotonic() - counted_at > _RECOUNT_SECONDS:
                    # Another process may set one by the calendar of a moment before.
                    await self.recount(only={"provisional": True})
                    counted_at = monotonic()
                busy = await self.run_one()
            except Exception as error:
                if not unreachable(error):
                    raise
                log.warning("timers.store_unreachable", error=repr(error)[:200])
                await asyncio.sleep(_AWAY_SECONDS)
                continue
            if not busy:
                await asyncio.sleep(_POLL_SECONDS)

    async def run_one(self) -> bool:
        """Lease one timer that is due and do its job; ``False`` when none is due."""
        row = await self._lease()
        if row is None:
            return False
        timer = _timer_of(row)
        try:
            async with asyncio.timeout(JOB_SECONDS):
                await self._handlers[timer.kind](timer)
        except Exception as error:
            if unreachable(error):
                raise
            log.error("timers.job_failed", timer=timer.name, kind=timer.kind, exc_info=error)
            await self._put_off(row)
            return True
        # Only while the lease is ours: the job may have set the same timer for a later moment.
        await self._rows.delete_one({"_id": row["_id"], "leased_by": row["leased_by"]})
        return True

    async def recount(self, *, only: Row = _COUNTED) -> int:
        """Count deadlines anew with the loaded calendar; return how many moved."""
        moved = 0
        async for row in self._rows.find(only):
            period = row["period"]
            deadline = self._calendar.deadline(
                date.fromisoformat(period["start"]), days=period["days"]
            )
            if (deadline.at, deadline.provisional) == (row["due_at"], row["provisional"]):
                continue
            # Only as it was read: a job that was set anew meanwhile has its own moment.
            changed = await self._rows.update_one(
                {
                    "_id": row["_id"],
                    "due_at": row["due_at"],
                    "provisional": row["provisional"],
                },
                {"$set": {"due_at": deadline.at, "provisional": deadline.provisional}},
            )
            moved += changed.modified_count
        return moved

    async def _lease(self) -> Row | None:
        now = machine_now()
        return await self._rows.find_one_and_update(
            {
                "provisional": False,
                "due_at": {"$lte": self._clock.now()},
                "kind": {"$in": list(self._handlers)},
                "$or": [{"leased_until": None}, {"leased_until": {"$lt": now}}],
            },
            {"$set": {"leased_by": new_id(), "leased_until": now + LEASE}},
            sort=[("due_at", ASCENDING)],
            return_document=True,
        )

    async def _put_off(self, row: Row) -> None:
        failures = row["failures"] + 1
        delay = delay_after(failures)
        await self._rows.update_one(
            {"_id": row["_id"], "leased_by": row["leased_by"]},
            {
                "$set": {"failures": failures, "leased_until": machine_now() + delay},
            },
        )


def delay_after(failures: int) -> timedelta:
    """Return how long a job waits that has failed so often: twice as long each time, to a limit."""
    # The limit is taken of the seconds: a timedelta of 2**47 seconds is an OverflowError.
    return timedelta(seconds=min(LONGEST_DELAY.total_seconds(), 2**failures))


def _row_of(timer: Timer) -> Row:
    if timer.provisional and timer.period is None:
        raise ValueError("A provisional moment keeps the period it was counted from.")
    return {
        "_id": timer.name,
        "kind": timer.kind,
        "due_at": timer.due_at,
        "payload": dict(timer.payload),
        "provisional": timer.provisional,
        "period": None
        if timer.period is None
        else {"start": timer.period.start.isoformat(), "days": timer.period.days},
        "failures": 0,
        "leased_by": None,
        "leased_until": None,
    }


def _timer_of(row: Row) -> Timer:
    period = row["period"]
    return Timer(
        name=row["_id"],
        kind=row["kind"],
        due_at=row["due_at"],
        payload=row["payload"],
        provisional=row["provisional"],
        period=None
        if period is None
        else Period(date.fromisoformat(period["start"]), period["days"]),
    )
