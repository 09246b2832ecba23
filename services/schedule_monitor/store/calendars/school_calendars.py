"""School years in MongoDB: every version stays, the latest of a year and stage is current."""

from datetime import date

from services.schedule_monitor.domain.calendars.school_calendar import Break, SchoolCalendar
from shared.mongo import Database, Row, Session

_SCHEMA = 1
# Three stages a year: more than three decades.
_MOST = 100


class SchoolCalendarStore:
    """The loaded school years."""

    def __init__(self, db: Database) -> None:
        self._rows = db["school_calendars"]

    async def current(self, *, session: Session | None = None) -> tuple[SchoolCalendar, ...]:
        """Return every current school year, the newest first."""
        found = self._rows.find({"current": True}, session=session)
        rows = found.sort([("school_year", -1), ("stage", 1)]).limit(_MOST)
        return tuple([_calendar(row) async for row in rows])

    async def of_year(self, school_year: str) -> list[SchoolCalendar]:
        """Return the current calendars of a school year, by stage."""
        found = self._rows.find({"school_year": school_year, "current": True})
        return [_calendar(row) async for row in found.sort("stage", 1)]

    async def latest(
        self, school_year: str, stage: str, *, session: Session
    ) -> SchoolCalendar | None:
        """Return the current calendar of one school year and stage."""
        row = await self._rows.find_one(
            {"school_year": school_year, "stage": stage, "current": True}, session=session
        )
        return None if row is None else _calendar(row)

    async def add(self, calendar: SchoolCalendar, *, session: Session) -> None:
        """Make a version current, in the caller's transaction."""
        one = {"school_year": calendar.school_year, "stage": calendar.stage}
        await self._rows.update_many(
            {**one, "current": True}, {"$set": {"current": False}}, session=session
        )
        await self._rows.insert_one(_row(calendar), session=session)


def _row(calendar: SchoolCalendar) -> Row:
    return {
        "_id": f"{calendar.school_year}/{calendar.stage}/{calendar.version}",
        "schema": _SCHEMA,
        "school_year": calendar.school_year,
        "stage": calendar.stage,
        "version": calendar.version,
        "current": True,
        "first_day": calendar.first_day.isoformat(),
        "last_day": calendar.last_day.isoformat(),
        "breaks": [
            {
                "kind": one.kind,
                "first_day": one.first_day.isoformat(),
                "last_day": one.last_day.isoformat(),
                **({"reason": one.reason} if one.reason else {}),
            }
            for one in calendar.breaks
        ],
        "basis": calendar.basis,
    }


def _calendar(row: Row) -> SchoolCalendar:
    return SchoolCalendar(
        school_year=row["school_year"],
        stage=row["stage"],
        version=row["version"],
        first_day=date.fromisoformat(row["first_day"]),
        last_day=date.fromisoformat(row["last_day"]),
        breaks=tuple(
            Break(
                date.fromisoformat(one["first_day"]),
                date.fromisoformat(one["last_day"]),
                one["kind"],
                one.get("reason", ""),
            )
            for one in row["breaks"]
        ),
        basis=row["basis"],
    )
