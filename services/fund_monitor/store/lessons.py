"""Lessons held, and what they consume: entries that are only added to, with their sums."""

from collections.abc import Sequence
from dataclasses import asdict

from services.fund_monitor.domain.lessons import Consumption, HeldSession, corrected
from shared.city_time import city_month
from shared.marks import mark
from shared.mongo import Database, Row, Session, transact
from shared.telemetry.carried import kept

ENTRIES = "consumption_entries"


class LessonStore:
    """What fund_monitor knows of lessons; an older version of a session changes nothing."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._sessions = db["held_sessions"]

    async def take(self, session: HeldSession) -> None:
        """Take a held session with what it consumes, and have its institution judged again."""

        async def work(transaction: Session) -> None:
            key = {"_id": session.session_id}
            row = await self._sessions.find_one(key, session=transaction)
            before = None if row is None else _session(row)
            if before is not None and before.version >= session.version:
                return
            await self._sessions.replace_one(key, _row(session), upsert=True, session=transaction)
            entries = corrected(before, session)
            await self.consume(entries, session=transaction)
            # Who was counted may change a finding even where no lesson moves.
            await self._mark(session, before, session=transaction)

        await transact(self.db, work)

    async def consume(self, entries: Sequence[Consumption], *, session: Session) -> None:
        """Add entries in the caller's transaction."""
        if entries:
            await self.db[ENTRIES].insert_many(
                [{"_id": entry.id, "schema": 1, **asdict(entry)} for entry in entries],
                session=session,
            )

    async def judge_again(
        self, institution_id: str, *, month: str, cause: str, session: Session
    ) -> None:
        """Mark an institution; one that the registry has not told of is marked when it does."""
        row = await self.db["institutions"].find_one({"_id": institution_id}, session=session)
        if row is None:
            return
        traces = [trace for trace in (kept(),) if trace is not None]
        marks = [mark("institution", row["uscc"], month, [cause], traces)]
        await self.db["to_judge"].bulk_write(marks, session=session)

    async def _mark(
        self, after: HeldSession, before: HeldSession | None, *, session: Session
    ) -> None:
        told = [after] if before is None else [before, after]
        cause = f"session:{after.session_id}:v{after.version}"
        month = min(city_month(one.ended_at) for one in told)
        for institution_id in sorted({one.institution_id for one in told}):
            await self.judge_again(institution_id, month=month, cause=cause, session=session)


def _row(session: HeldSession) -> Row:
    row = asdict(session)
    return {
        "_id": row.pop("session_id"),
        "schema": 1,
        **row,
        "attended": sorted(session.attended),
        "over_full": session.over_full,
    }


def _session(row: Row) -> HeldSession:
    return HeldSession(
        session_id=row["_id"],
        version=row["version"],
        institution_id=row["institution_id"],
        group=row["group"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        head_count=row["head_count"],
        attended=frozenset(row["attended"]),
    )
