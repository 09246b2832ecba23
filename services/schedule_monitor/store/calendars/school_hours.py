"""School hours in MongoDB: every version stays, the latest of a year and stage is current."""

from datetime import date, datetime, time

from services.schedule_monitor.domain.calendars.school_hours import HoursFrom, Period, SchoolHours
from services.schedule_monitor.store.versions import current_of, put_version
from shared.mongo import Database, Row, Session

_SCHEMA = 1


class SchoolHoursStore:
    """The loaded school hours."""

    def __init__(self, db: Database) -> None:
        self._rows = db["school_hours"]

    async def current(self, *, session: Session | None = None) -> tuple[SchoolHours, ...]:
        """Return the current hours of every year and stage, the newest year first."""
        found = self._rows.find({"current": True}, session=session).sort("key", -1)
        return tuple([_hours(row) async for row in found])

    async def of_year(self, school_year: str) -> list[SchoolHours]:
        """Return the current hours of a school year, by stage."""
        found = self._rows.find({"current": True, "school_year": school_year})
        return [_hours(row) async for row in found.sort("key", 1)]

    async def latest(
        self, school_year: str, stage: str, *, session: Session | None = None
    ) -> SchoolHours | None:
        """Return the current hours of one school year and stage."""
        row = await current_of(self._rows, f"{school_year}/{stage}", session=session)
        return None if row is None else _hours(row)

    async def put(self, hours: SchoolHours, *, now: datetime, session: Session) -> None:
        """Make a version current, in the caller's transaction."""
        row = {
            "schema": _SCHEMA,
            "school_year": hours.school_year,
            "stage": hours.stage,
            "tables": [
                {
                    "since": str(table.since),
                    "periods": [
                        [one.weekday, one.start.isoformat(), one.end.isoformat()]
                        for one in table.periods
                    ],
                }
                for table in hours.tables
            ],
            "basis": hours.basis,
            "loaded_at": now,
        }
        key = f"{hours.school_year}/{hours.stage}"
        await put_version(self._rows, key, hours.version, row, session=session)


def _hours(row: Row) -> SchoolHours:
    return SchoolHours(
        school_year=row["school_year"],
        stage=row["stage"],
        version=row["version"],
        tables=tuple(
            HoursFrom(
                date.fromisoformat(table["since"]),
                tuple(
                    Period(weekday, time.fromisoformat(start), time.fromisoformat(end))
                    for weekday, start, end in table["periods"]
                ),
            )
            for table in row["tables"]
        ),
        basis=row["basis"],
    )
