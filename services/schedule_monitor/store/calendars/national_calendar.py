"""Notices and overrides in MongoDB: every version stays, the latest is current."""

from datetime import date, datetime

from services.schedule_monitor.domain.calendars.notices import LoadedNotice
from services.schedule_monitor.domain.calendars.overrides import Override
from services.schedule_monitor.store.versions import current_of, put_version
from shared.mongo import Database, Row, Session
from shared.working_days import Notice

_SCHEMA = 1


class NationalCalendarStore:
    """What was loaded of the national calendar beside the library."""

    def __init__(self, db: Database) -> None:
        self._notices = db["calendar_notices"]
        self._overrides = db["calendar_overrides"]

    async def notices(self, *, session: Session | None = None) -> dict[int, LoadedNotice]:
        """Return the current notices by year."""
        found = self._notices.find({"current": True}, session=session).sort("key", 1)
        return {row["year"]: _notice(row) async for row in found}

    async def notice(self, year: int, *, session: Session | None = None) -> LoadedNotice | None:
        """Return the current notice of a year."""
        row = await current_of(self._notices, str(year), session=session)
        return None if row is None else _notice(row)

    async def put_notice(self, loaded: LoadedNotice, *, now: datetime, session: Session) -> None:
        """Make a version current, in the caller's transaction."""
        row = {
            "schema": _SCHEMA,
            "year": loaded.year,
            "source": loaded.source,
            "document_no": loaded.document_no,
            "published_on": None if loaded.published_on is None else str(loaded.published_on),
            "rest_days": sorted(map(str, loaded.days.rest_days)),
            "workdays": sorted(map(str, loaded.days.workdays)),
            "loaded_at": now,
        }
        await put_version(self._notices, str(loaded.year), loaded.version, row, session=session)

    async def overrides(self, *, session: Session | None = None) -> dict[date, Override]:
        """Return the current overrides by day."""
        found = self._overrides.find({"current": True}, session=session).sort("key", 1)
        return {one.on: one async for one in (_override(row) async for row in found)}

    async def put_override(self, override: Override, *, now: datetime, session: Session) -> None:
        """Make a version current, in the caller's transaction."""
        row = {
            "schema": _SCHEMA,
            "change": override.change,
            "banking": override.banking,
            "reference": override.reference,
            "reason": override.reason,
            "decided_at": now,
        }
        key, version = str(override.on), override.version
        await put_version(self._overrides, key, version, row, session=session)


def _notice(row: Row) -> LoadedNotice:
    published_on = row["published_on"]
    return LoadedNotice(
        year=row["year"],
        version=row["version"],
        source=row["source"],
        document_no=row["document_no"],
        published_on=None if published_on is None else date.fromisoformat(published_on),
        days=Notice(_days(row["rest_days"]), _days(row["workdays"])),
    )


def _days(written: list[str]) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, written))


def _override(row: Row) -> Override:
    return Override(
        on=date.fromisoformat(row["key"]),
        version=row["version"],
        change=row["change"],
        banking=row["banking"],
        reference=row["reference"],
        reason=row["reason"],
    )
