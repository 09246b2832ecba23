"""Lessons held and confirmed, and what they consume: entries that are only added to."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from services.fund_monitor.domain.lessons.lessons import Consumption, HeldSession, corrected
from services.fund_monitor.store.lessons.lesson_books import (
    CONFIRMATIONS,
    ENTRIES,
    Contract,
    LessonBooks,
)
from shared.city_time import city_month
from shared.marks import mark
from shared.mongo import Database, Row, Session, transact
from shared.telemetry.carried import kept


class LessonStore:
    """What fund_monitor knows of lessons; an older version of a session changes nothing."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._sessions = db["held_sessions"]
        self._books = LessonBooks(db)

    async def take(self, session: HeldSession) -> None:
        """Take a held session with what it consumes, and have its institution judged again."""

        async def work(transaction: Session) -> None:
            key = {"_id": session.session_id}
            row = await self._sessions.find_one(key, session=transaction)
            before = None if row is None else _session(row)
            if before is not None and before.version >= session.version:
                return
            await self._sessions.replace_one(key, _row(session), upsert=True, session=transaction)
            told = [session] if before is None else [before, session]
            known = await self._first_months(told, session=transaction)
            await self.consume(corrected(before, session), session=transaction)
            # Those whose confirmation names the session are counted anew where it is not theirs.
            named = await self._named(session.session_id, session=transaction)
            touched = {(one.institution_id, no) for one in told for no in one.attended} | named
            await self._books.count_anew(touched, session=transaction)
            # Who was counted may change a finding even where no lesson moves.
            cause = f"session:{session.session_id}:v{session.version}"
            for institution_id, month in sorted(known.items()):
                await self.judge_again(
                    institution_id, month=month, cause=cause, session=transaction
                )

        await transact(self.db, work)

    async def sessions(
        self, session_ids: Sequence[str], *, session: Session
    ) -> dict[str, HeldSession]:
        """Return what is known of some held sessions."""
        rows = self._sessions.find({"_id": {"$in": list(session_ids)}}, session=session)
        return {row["_id"]: _session(row) async for row in rows}

    async def confirm(
        self, entries: Sequence[Consumption], *, touched: Iterable[Contract], session: Session
    ) -> None:
        """Add what confirmations consume or give back, and count their contracts anew."""
        await self.consume(entries, session=session)
        await self._books.count_anew(touched, session=session)

    async def consume(self, entries: Sequence[Consumption], *, session: Session) -> None:
        """Add entries in the caller's transaction."""
        if entries:
            await self.db[ENTRIES].insert_many(
                [{"_id": entry.id, "schema": 2, **asdict(entry)} for entry in entries],
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

    async def first_months(
        self, moments: Iterable[tuple[str, datetime]], *, session: Session
    ) -> dict[str, str]:
        """Return from which month a lesson may change findings, by institution.

        A lesson told now may explain any release since the first lesson that is known.
        """
        first: dict[str, datetime] = {}
        for institution_id, moment in moments:
            first[institution_id] = min(moment, first.get(institution_id, moment))
        known = await self._books.known_from(sorted(first), session=session)
        return {one: city_month(min(at, known.get(one, at))) for one, at in first.items()}

    async def _first_months(
        self, told: Sequence[HeldSession], *, session: Session
    ) -> dict[str, str]:
        moments = [(one.institution_id, one.started_at) for one in told]
        return await self.first_months(moments, session=session)

    async def _named(self, session_id: str, *, session: Session) -> set[Contract]:
        rows = self.db[CONFIRMATIONS].find({"session_id": session_id}, session=session)
        return {(row["institution_id"], row["contract_no"]) async for row in rows}


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
