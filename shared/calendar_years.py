"""What schedule_monitor tells of the national calendar, kept by every service in its own database.

A replica, so that deadlines are counted while schedule_monitor is away: by what is known. Every
process goes by it within seconds, without a restart.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Final

from faststream.nats import NatsRouter

from shared.contracts.base import CloudEvent
from shared.contracts.calendar import CALENDAR_YEAR, CalendarYear
from shared.dead_letters import DeadLetters
from shared.logs import log
from shared.messaging.subscribe import subscribe
from shared.messaging.topology import calendar_consumer
from shared.mongo import Database, Row, Session, transact, unreachable
from shared.states import StateRecord
from shared.working_days import Notice, WorkingDays

CALENDAR_YEARS: Final = "calendar_years"
_FOLLOWED: Final = "calendar_followed"
_SATURDAY: Final = 5
_LOOK_SECONDS = 2.0
_AWAY_SECONDS = 5.0

Versions = dict[str, int]


def calendar_record(service: str) -> StateRecord:
    """Return where a service keeps the years it is told of."""
    return StateRecord(
        channel=CALENDAR_YEAR, collection=CALENDAR_YEARS, reader=calendar_consumer(service)
    )


def row_of(year: CalendarYear) -> Row:
    """Return the document of a year: at its maker and at its readers the same."""
    return {"_id": str(year.year), **year.model_dump(mode="json", exclude_none=True)}


async def take_year(db: Database, year: CalendarYear) -> None:
    """Keep what is told of a year; an older version never replaces a newer one."""
    row = row_of(year)

    async def work(session: Session) -> None:
        known = await db[CALENDAR_YEARS].find_one({"_id": row["_id"]}, session=session)
        if known is None or known["version"] < row["version"]:
            await db[CALENDAR_YEARS].replace_one(
                {"_id": row["_id"]}, row, upsert=True, session=session
            )

    await transact(db, work)


def calendar_router(
    service: str, db: Database | None, dead_letters: DeadLetters | None
) -> NatsRouter:
    """Return the subscriber of calendar years; without a store it only shows in documents."""
    router = NatsRouter()

    async def on_calendar_year(event: CloudEvent[CalendarYear]) -> None:
        """The department of education says what days of a year are."""
        assert db is not None  # noqa: S101 - a router that runs has its store
        await take_year(db, event.data)

    subscribe(
        router,
        CALENDAR_YEAR,
        durable=calendar_consumer(service),
        user=service,
        handle=on_calendar_year,
        dead_letters=dead_letters,
    )
    return router


async def learn_years(db: Database, calendar: WorkingDays, known: Versions | None) -> Versions:
    """Have a calendar go by what the database says, where that is not what it knows."""
    told = await _versions(db)
    if told == known or not (told or known):
        return told
    rows = await db[CALENDAR_YEARS].find().to_list()
    calendar.learn({int(row["_id"]): notice_of(row) for row in rows})
    return {row["_id"]: row["version"] for row in rows}


def notice_of(row: Row) -> Notice:
    """Return a year as it was told, as working days are counted by it."""
    days: Mapping[date, Row] = {date.fromisoformat(one["date"]): one for one in row["days"]}
    return Notice(
        rest_days=frozenset(day for day, one in days.items() if not one["working"]),
        workdays=frozenset(
            day for day, one in days.items() if one["working"] and day.weekday() >= _SATURDAY
        ),
        unlike_banks=frozenset(
            day for day, one in days.items() if one["working"] != one["banking"]
        ),
    )


class CalendarFollower:
    """Keeps the calendar of one process at what the database says."""

    def __init__(self, db: Database, calendar: WorkingDays) -> None:
        self._db = db
        self._calendar = calendar
        self._known: Versions | None = None
        self._followed: Versions | None = None
        self._then: Callable[[str], Awaitable[None]] | None = None

    def then(self, do: Callable[[str], Awaitable[None]]) -> None:
        """Say what else follows from another calendar; it is told which one.

        It is done after this process goes by it, in each process that does it: whoever still went
        by the old one meanwhile is overtaken.
        """
        self._then = do

    async def run(self) -> None:
        """Look every moment; while the database is away everything goes on by what is known."""
        while True:
            try:
                await self.look()
            except Exception as error:
                if not unreachable(error):
                    raise
                log.warning("calendar.store_unreachable", error=repr(error)[:200])
                await asyncio.sleep(_AWAY_SECONDS)
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Learn what is new, and do what follows, also what an earlier process did not come to."""
        self._known = await learn_years(self._db, self._calendar, self._known)
        if self._then is None or self._known == self._followed:
            return
        if self._followed is not None or self._known != await self._followed_before():
            told = ",".join(f"{year}:v{version}" for year, version in sorted(self._known.items()))
            await self._then(f"calendar:{told}")
            await self._db[_FOLLOWED].replace_one(
                {"_id": _FOLLOWED}, {"versions": self._known}, upsert=True
            )
        self._followed = self._known

    async def _followed_before(self) -> Versions:
        row = await self._db[_FOLLOWED].find_one({"_id": _FOLLOWED})
        return {} if row is None else row["versions"]


async def _versions(db: Database) -> Versions:
    rows = db[CALENDAR_YEARS].find({}, {"version": 1})
    return {row["_id"]: row["version"] async for row in rows}
