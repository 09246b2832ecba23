"""Judge every current timetable again as the store has it, without touching an alert."""

from typing import Final

import polars as pl

from services.schedule_monitor.app.calendars.calendar_desk import CalendarDesk
from services.schedule_monitor.app.timetables.surroundings import SurroundingsDesk
from services.schedule_monitor.domain.bulk import Recheck, Rechecker
from services.schedule_monitor.domain.frames import frame_of
from services.schedule_monitor.domain.session import as_registered
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.timetables.timetables import TimetableStore
from shared.mongo import Database

_AT_ONCE: Final = 50_000


class CurrentTimetables:
    """The store's collaborators; ``recheck`` is the use case."""

    def __init__(self, db: Database) -> None:
        self._timetables = TimetableStore(db)
        self._institutions = InstitutionReplica(db)
        self._beside = SurroundingsDesk(db)
        self._desk = CalendarDesk(db)

    async def recheck(self) -> Recheck:
        """Judge the classes of all institutions, some ten thousand at once."""
        rechecker = Rechecker(await self._desk.calendars())
        waiting: list[pl.DataFrame] = []
        for institution in await self._timetables.filers():
            frame = await self._classes_of(institution)
            if frame is not None:
                waiting.append(frame)
            if sum(one.height for one in waiting) >= _AT_ONCE:
                rechecker.take(pl.concat(waiting))
                waiting.clear()
        if waiting:
            rechecker.take(pl.concat(waiting))
        return rechecker.found

    async def _classes_of(self, institution: str) -> pl.DataFrame | None:
        registered = await self._institutions.find(institution)
        timetables = await self._timetables.current_of(institution)
        stated = [one for timetable in timetables for one in timetable.filing.sessions]
        if registered is None or not stated:
            return None
        sessions = [as_registered(one, registered) for one in stated]
        frame = frame_of(sessions, await self._beside.of(institution))
        named = frame.select(pl.lit(institution).alias("institution"), pl.all())
        return named.sort("on", maintain_order=True)
