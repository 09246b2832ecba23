"""File the timetables of many institutions that came together, each by itself."""

from dataclasses import dataclass
from datetime import datetime

from services.schedule_monitor.app.timetables.file_timetable import (
    Filed,
    TimetableDesk,
    filing_of,
    keep_filing,
    would_be_kept,
)
from services.schedule_monitor.domain.session import Registered
from shared.audit.log import Who
from shared.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledOne:
    """What became of one institution's timetable; one that was refused has no id."""

    registered: Registered
    sessions: int
    timetable_id: str | None = None
    new: bool = False
    refusal: Refusal | None = None


async def foreseen(filed: Filed, *, desk: TimetableDesk) -> Refusal | None:
    """Return why a timetable would be refused as things stand; nothing is filed."""
    try:
        await would_be_kept(await filing_of(filed, desk), desk=desk)
    except Refusal as refusal:
        return refusal
    return None


async def file_one_of_many(
    filed: Filed, registered: Registered, *, who: Who, desk: TimetableDesk, now: datetime
) -> FiledOne:
    """File one institution's timetable in a transaction of its own; it is judged afterwards.

    What another filing decided since it was foreseen is told beside what was filed.
    """
    filing = await filing_of(filed, desk)
    try:
        timetable, _, new = await keep_filing(filing, who=who, desk=desk, now=now)
    except Refusal as refusal:
        return FiledOne(registered=registered, sessions=len(filing.sessions), refusal=refusal)
    return FiledOne(
        registered=registered,
        sessions=len(filing.sessions),
        timetable_id=timetable.timetable_id,
        new=new,
    )
