"""Classes that a later version of their timetable left out, with the moment it did."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from services.schedule_monitor.domain.session import Stated
from services.schedule_monitor.store.rows import stated_of
from shared.mongo import Database, Row, Session


@dataclass(frozen=True, slots=True)
class FormerVersion:
    """What a version that stands no longer had on some days; ``gone`` tells what the next left out.

    ``replaced_at`` is when that next version was filed.
    """

    classes: tuple[Stated, ...]
    gone: frozenset[Stated]
    replaced_at: datetime


async def former_versions(
    db: Database, institution_id: str, days: Iterable[date], *, session: Session | None = None
) -> list[FormerVersion]:
    """Return an institution's former versions with their classes of some days, the oldest first."""
    on = sorted(day.isoformat() for day in days)
    if not on:
        return []
    of_days = {"$filter": {"input": "$sessions", "cond": {"$in": ["$$this.on", on]}}}
    pipeline: list[Row] = [
        {"$match": {"institution_id": institution_id}},
        {"$project": {"label": 1, "version": 1, "filed_at": 1, "sessions": of_days}},
        {"$sort": {"label": 1, "version": 1}},
    ]
    rows = await (await db["timetables"].aggregate(pipeline, session=session)).to_list()
    return [_former(row, after) for row, after in pairwise(rows) if row["label"] == after["label"]]


def _former(row: Row, after: Row) -> FormerVersion:
    classes = tuple(stated_of(one) for one in row["sessions"])
    still = {stated_of(one) for one in after["sessions"]}
    return FormerVersion(classes, frozenset(classes) - still, after["filed_at"])
