"""What banks are told of their differences: each change once, in the transaction that makes it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal

from services.fund_monitor.store.banks.told import DIFFERENCE_STREAM, documents_of
from shared.mongo import Database, Row, Session

Change = Literal["opened", "changed", "explained", "resolved", "overdue", "closed"]
Turn = tuple[Row | None, Row]
"""A difference before and after; what was not there before has no first half."""

_PAIRED: Final = ("chain_broken", "feed_no_reused")
"""Kinds of which the other half is an event of ours, not a line of a statement."""


def shown(row: Row, now: datetime) -> Row:
    """Return a difference as banks and staff see it, where it stands at a moment."""
    # Nothing is late by a calendar that is still an estimate.
    waits = row["state"] == "open" and not row["provisional"]
    return {
        "difference_id": row["_id"],
        "account_no": None if row["account"] is None else row["account"].partition("|")[2],
        "business_day": row["day"],
        "kind": row["kind"],
        "stated_fen": row["stated_fen"],
        "reported_fen": row["reported_fen"],
        "event": row["event"],
        "event_before": row.get("line") if row["kind"] in _PAIRED else None,
        "first_no": row.get("first_no"),
        "last_no": row.get("last_no"),
        "owner": row["owner"],
        "state": row["state"],
        "found_at": row["found_at"],
        "due_at": row["due_at"],
        "provisional": row["provisional"],
        "overdue": waits and now >= row["due_at"],
        "reason": row.get("reason"),
    }


async def tell(db: Database, turns: Iterable[Turn], *, now: datetime, session: Session) -> None:
    """Tell banks in the caller's transaction what has become of their differences."""
    await _tell(
        db,
        ((word, row) for before, row in turns if (word := change_of(before, row)) is not None),
        now=now,
        session=session,
    )


async def tell_overdue(
    db: Database, rows: Iterable[Row], *, now: datetime, session: Session
) -> None:
    """Tell banks in the caller's transaction of which differences the time has passed."""
    await _tell(db, (("overdue", row) for row in rows), now=now, session=session)


def change_of(before: Row | None, after: Row) -> Change | None:
    """Return by which word a bank is told; what waits is told by none, nor what stays the same."""
    state = after["state"]
    if state == "waiting":
        return None
    known = None if before is None or before["state"] == "waiting" else before
    if known is None or known["state"] != state:
        word: Change = "opened" if state == "open" else state
        return word
    return None if _told_of(known) == _told_of(after) else "changed"


def _told_of(row: Row) -> Row:
    """Return what there is to tell of a difference, whatever the moment is."""
    return {name: value for name, value in shown(row, row["found_at"]).items() if name != "overdue"}


async def _tell(
    db: Database, told: Iterable[tuple[Change, Row]], *, now: datetime, session: Session
) -> None:
    # By the clock of the deadlines that are told: a change is never dated before its own cause.
    documents = documents_of(
        DIFFERENCE_STREAM,
        ({"bank": row["bank"], "change": word, **shown(row, now)} for word, row in told),
        now=now,
    )
    if documents:
        await db[DIFFERENCE_STREAM.documents].insert_many(documents, session=session)
