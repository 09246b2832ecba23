"""The city's decisions on switches in MongoDB: every version stays, the latest is current."""

from datetime import date, datetime

from services.schedule_monitor.domain.calendars.policies import Decision, Policies, Switch
from services.schedule_monitor.store.versions import current_of, put_version
from shared.mongo import Database, Row, Session

_SCHEMA = 1


class SwitchStore:
    """The decisions, by switch and the day on which they begin."""

    def __init__(self, db: Database) -> None:
        self._rows = db["calendar_switches"]

    async def policies(self, *, session: Session | None = None) -> Policies:
        """Return all current decisions."""
        found = self._rows.find({"current": True}, session=session).sort("key", 1)
        return Policies(tuple([_decision(row) async for row in found]))

    async def decision(
        self, switch: Switch, since: date, *, session: Session | None = None
    ) -> Decision | None:
        """Return the current decision on a switch that begins on a day."""
        row = await current_of(self._rows, _key(switch, since), session=session)
        return None if row is None else _decision(row)

    async def put(self, decision: Decision, *, now: datetime, session: Session) -> None:
        """Make a version current, in the caller's transaction."""
        row = {
            "schema": _SCHEMA,
            "switch": decision.switch,
            "since": str(decision.since),
            "value": decision.value,
            "reference": decision.reference,
            "decided_at": now,
        }
        key = _key(decision.switch, decision.since)
        await put_version(self._rows, key, decision.version, row, session=session)


def _key(switch: Switch, since: date) -> str:
    return f"{switch}/{since}"


def _decision(row: Row) -> Decision:
    return Decision(
        switch=row["switch"],
        since=date.fromisoformat(row["since"]),
        value=row["value"],
        reference=row["reference"],
        version=row["version"],
    )
