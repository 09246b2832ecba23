"""Judge all current timetables of an institution together: one class group may be in several."""

from collections.abc import Sequence

from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.judge import Judged, judge_sessions
from services.schedule_monitor.domain.session import Registered, as_registered
from services.schedule_monitor.domain.timetables.surroundings import NOTHING_FILED, Surroundings
from services.schedule_monitor.domain.timetables.timetable import Timetable


def judge_timetables(
    timetables: Sequence[Timetable],
    registered: Registered,
    calendars: Calendars,
    surroundings: Surroundings = NOTHING_FILED,
) -> dict[str, list[Judged]]:
    """Return the judged classes of each timetable, by its id, in the order filed."""
    placed = [(one.timetable_id, stated) for one in timetables for stated in one.filing.sessions]
    sessions = [as_registered(stated, registered) for _, stated in placed]
    judged = judge_sessions(sessions, calendars, surroundings)
    found: dict[str, list[Judged]] = {one.timetable_id: [] for one in timetables}
    for (timetable_id, _), one in zip(placed, judged, strict=True):
        found[timetable_id].append(one)
    return found
