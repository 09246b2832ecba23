"""What the rows of a timetable's sheet plan together, and which of them are too many."""

from collections.abc import Sequence
from typing import Any, Final

from services.schedule_monitor.api.deps import RoomsDep
from services.schedule_monitor.api.timetable_sheet import Planned
from services.schedule_monitor.domain.calendars import Calendars
from services.schedule_monitor.domain.pattern import (
    PatternRefused,
    Plan,
    WeeklyPattern,
    day_off,
)
from services.schedule_monitor.domain.session import Stated
from services.schedule_monitor.domain.timetable import MOST_SESSIONS_OF_A_FILING
from shared.errors import Rejected
from shared.spreadsheets.reading import Bad, Good
from shared.spreadsheets.uploads import Upload

_ROWS_AT_ONCE: Final = 1_000
BEYOND: Final = f"一次备案至多 {MOST_SESSIONS_OF_A_FILING} 节课，本行起超出：请按年级或班级分份"


class NothingInFile(Rejected):
    """A file that holds no class: an empty timetable is filed in JSON, by saying so."""

    code = "nothing-in-file"
    title = "文件中没有可以接收的课"


async def sheet_plan(upload: Upload[Planned], rooms: RoomsDep) -> Plan:
    """Return the plan of the rows that are taken; what is beyond a filing's size is refused."""
    calendars = await rooms.timetables.calendars.calendars()
    singles: list[Stated] = []
    patterns: list[WeeklyPattern] = []
    count = 0
    async for rows in upload.check(most=_ROWS_AT_ONCE):
        refused: list[Bad] = []
        counted = await rooms.computing.run(_counted, rows, calendars)
        for row, found in zip(rows, counted, strict=True):
            if isinstance(found, Bad):
                refused.append(found)
            elif count + found > MOST_SESSIONS_OF_A_FILING:
                refused.append(row.refused([("", BEYOND)]))
            else:
                count += found
                put_planned(row.item, singles, patterns)
        await upload.refuse(refused)
    if not count and not upload.stopped:
        wrong = [(one.pointer, str(one)) for one in upload.refusals.told]
        raise NothingInFile("表格中没有可以接收的行。", fields=wrong)
    return Plan(singles=tuple(singles), patterns=tuple(patterns))


def _counted(rows: Sequence[Good[Planned]], calendars: Calendars) -> list[int | Bad]:
    return [classes_of(row, row.item, calendars) for row in rows]


def classes_of(row: Good[Any], planned: Planned, calendars: Calendars) -> int | Bad:
    """Return how many classes a row stands for, or the row as one that is not taken."""
    if isinstance(planned, Stated):
        return 1
    try:
        return len(planned.sessions(day_off(calendars, planned.first.stage)))
    except PatternRefused as refused:
        return row.refused([(refused.field, str(refused))])


def put_planned(item: Planned, singles: list[Stated], patterns: list[WeeklyPattern]) -> None:
    """Put what a row plans with its like."""
    if isinstance(item, Stated):
        singles.append(item)
    else:
        patterns.append(item)
